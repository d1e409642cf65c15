#pragma once
// Result<T>: a value, or why there is none. For everything the outside world can cause; exceptions are for bugs and
// failed start-up.

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace nx {

enum class ErrorKind {
  invalid,      // the input can never succeed: bad syntax, schema, range (HTTP 400/422, Kafka poison)
  not_found,    // it is not there, or not this user's: the two are indistinguishable by design
  unavailable,  // infrastructure: away, refused, timed out; worth a retry
  too_broad,    // the statement ran into its time limit
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

/// The error of a result that has one, passed on to a result of another type: moved, or of a constant one copied.
template <class T, class E>
tl::unexpected<E> error_of(tl::expected<T, E>& failed) {
  return tl::unexpected<E>(std::move(failed.error()));
}
template <class T, class E>
tl::unexpected<E> error_of(const tl::expected<T, E>& failed) {
  return tl::unexpected<E>(failed.error());
}

}  // namespace nx
