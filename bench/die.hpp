#pragma once
// How a benchmark ends when it cannot measure: with the reason on standard error and exit code 1.

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "model/result.hpp"

namespace nx::bench {

/// After a system call: adds the text of errno.
[[noreturn]] inline void die(const char* what) {
  std::perror(what);
  std::_Exit(1);
}

/// The value of a result. An error whose type has no message is named by `what` alone.
template <class Value, class Reason>
Value or_die(tl::expected<Value, Reason> result, const char* what) {
  if (result) return std::move(*result);
  if constexpr (requires { result.error().message; }) {
    std::fprintf(stderr, "%s: %s failed: %s\n", program_invocation_short_name, what, result.error().message.c_str());
  } else {
    std::fprintf(stderr, "%s: %s failed\n", program_invocation_short_name, what);
  }
  std::exit(1);
}

}  // namespace nx::bench
