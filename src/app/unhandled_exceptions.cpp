#include "app/unhandled_exceptions.hpp"

#include <array>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <pthread.h>
#include <string>

namespace nx::app {
namespace {

const observe::Logger* last_log = nullptr;  // std::set_terminate takes only a function

std::string reason() {
  const auto thrown = std::current_exception();
  if (!thrown) return "std::terminate without an exception";
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception of an unknown type";
  }
}

[[noreturn]] void say_and_abort() {
  std::array<char, 16> thread{};
  pthread_getname_np(pthread_self(), thread.data(), thread.size());
  last_log->error("ended by an exception", {{"thread", thread.data()}, {"reason", reason()}});
  last_log->flush(std::chrono::seconds{1});
  std::abort();
}

}  // namespace

void log_unhandled_exceptions(const observe::Logger& log) {
  last_log = &log;
  std::set_terminate(say_and_abort);
}

}  // namespace nx::app
