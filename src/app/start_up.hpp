#pragma once
// Start-up that can not go on: thrown by the composition, caught in one place per command, which prints the message.

#include <type_traits>
#include <utility>

#include "model/result.hpp"

namespace nx::app {

/// Kind `invalid` is the configuration's fault (exit 2), every other one is exit 1.
struct Failed {
  Error error;
  int exit_code() const { return error.kind == ErrorKind::invalid ? 2 : 1; }
};

template <class T>
T or_fail(Result<T> result) {
  if (!result) throw Failed{std::move(result.error())};
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace nx::app
