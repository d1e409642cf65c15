#pragma once
// Result<T>: a value or an error. For every failure that the outside world can cause; exceptions are for bugs and a
// failed start-up.

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace nx {

enum class ErrorKind {
  invalid,      // the input can never succeed: bad syntax, schema, range (HTTP 400/422, Kafka poison)
  not_found,    // it does not exist or belongs to another user: the two are indistinguishable by design
  unavailable,  // infrastructure: unreachable, refused, timed out; a retry may succeed
  too_broad,    // the statement reached its time limit
  conflict,     // a serialisation failure: retry at once
};

struct Error {
  ErrorKind kind = ErrorKind::unavailable;
  std::string message;  // for an operator: what was wrong, with which value; never a secret
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorKind kind, std::string message) {
  return tl::unexpected<Error>(Error{kind, std::move(message)});
}

/// Passes the error of a failed result on to a result of another type: moved, or copied from a constant one.
template <class T, class E>
tl::unexpected<E> error_of(tl::expected<T, E>& failed) {
  return tl::unexpected<E>(std::move(failed.error()));
}
template <class T, class E>
tl::unexpected<E> error_of(const tl::expected<T, E>& failed) {
  return tl::unexpected<E>(failed.error());
}

}  // namespace nx
