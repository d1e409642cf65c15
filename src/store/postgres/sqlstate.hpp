#pragma once
// What an error of the server means for the caller (PostgreSQL manual, appendix A).

#include <string_view>

#include "model/result.hpp"

namespace nx::store::postgres {

inline constexpr std::string_view kOutOfTime = "57014";  // a statement took too long, for whatever reason
inline constexpr std::string_view kLocked = "55P03";     // a wait for a lock did

/// `constraint`: the name of the constraint that was violated, or empty.
ErrorKind kind_of(std::string_view sqlstate, std::string_view constraint);

/// The statement that a prepared name stands for is gone, or the name is taken: somebody between us and the server
/// gives each transaction another session (PgBouncer).
bool says_sessions_are_shared(std::string_view sqlstate);

/// After these the session is of no further use, although the link may still stand.
bool ends_session(std::string_view sqlstate);

}  // namespace nx::store::postgres
