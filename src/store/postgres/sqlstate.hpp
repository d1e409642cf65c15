#pragma once
// Maps the server's SQLSTATE to its meaning for the caller (PostgreSQL manual, appendix A).

#include <string_view>

#include "model/result.hpp"

namespace nx::store::postgres {

inline constexpr std::string_view kOutOfTime = "57014";  // statement time-out
inline constexpr std::string_view kLocked = "55P03";     // lock time-out

/// `constraint`: the name of the violated constraint, or empty.
ErrorKind kind_of(std::string_view sqlstate, std::string_view constraint);

/// The statement with a prepared name does not exist, or the name is taken: a pooler gives each transaction another
/// session (PgBouncer).
bool says_sessions_are_shared(std::string_view sqlstate);

/// After these errors the session is useless, although the link may still be open.
bool ends_session(std::string_view sqlstate);

}  // namespace nx::store::postgres
