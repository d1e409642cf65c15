#pragma once
// A failed start-up: thrown by the composition, and caught in one place, which prints the message.

#include <chrono>
#include <exception>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>

#include <fmt/core.h>

#include "model/result.hpp"
#include "observe/log.hpp"

namespace nx::app {

/// Kind `invalid` means an error of the configuration (exit code 2); every other kind gives exit code 1.
struct Failed {
  Error error;
  int exit_code() const { return error.kind == ErrorKind::invalid ? 2 : 1; }
};

/// Runs a command and returns its exit code. If the command fails, prints the reason after the command's name.
template <class Run>
int run_or_say_why(std::string_view command, const observe::Logger& log, Run run) {
  try {
    return run();
  } catch (const Failed& failed) {
    log.print(fmt::format("nx-signal {}: {}", command, failed.error.message));
    return failed.exit_code();
  } catch (const std::exception& error) {
    log.print(fmt::format("nx-signal {}: {}", command, error.what()));
    return 1;
  }
}

template <class T>
T or_fail(Result<T> result) {
  if (!result) throw Failed{std::move(result.error())};
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// Tries to open the database until `timeout` (SIGNAL_DATABASE_BOOT_TIMEOUT_MS) has passed, because an orchestrator may
/// start the program before the database. Throws Failed. Blocks.
template <class Open>
auto open_database_within(std::chrono::milliseconds timeout, const observe::Logger& log, Open open) {
  constexpr std::chrono::milliseconds kOpenAgain{250};
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  for (bool told = false;; told = true) {
    auto opened = open();
    if (opened) return std::move(*opened);
    if (opened.error().kind == ErrorKind::invalid) throw Failed{opened.error()};
    if (std::chrono::steady_clock::now() + kOpenAgain > deadline) {
      opened.error().message += fmt::format(" (tried for {} ms, SIGNAL_DATABASE_BOOT_TIMEOUT_MS)", timeout.count());
      throw Failed{opened.error()};
    }
    if (!told) log.warn("database not usable yet", {{"reason", opened.error().message}});
    std::this_thread::sleep_for(kOpenAgain);
  }
}

}  // namespace nx::app
