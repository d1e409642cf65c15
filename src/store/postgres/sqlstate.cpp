#include "store/postgres/sqlstate.hpp"

#include "store/postgres/statements.hpp"

namespace nx::store::postgres {

ErrorKind kind_of(std::string_view sqlstate, std::string_view constraint) {
  if (sqlstate.starts_with("22") || sqlstate == "54000") return ErrorKind::invalid;  // data exception; limit exceeded
  if (sqlstate == "23514" && constraint == kUserIdConstraint) return ErrorKind::invalid;
  if (sqlstate == "40001" || sqlstate == "40P01") return ErrorKind::conflict;  // serialisation failure; deadlock
  if (says_sessions_are_shared(sqlstate)) return ErrorKind::conflict;
  if (sqlstate == "57014") return ErrorKind::too_broad;  // the statement time-out
  // Read-only, full, out of connections, shutting down, no table, no right: a change of the caller's data would not
  // help.
  return ErrorKind::unavailable;
}

bool says_sessions_are_shared(std::string_view sqlstate) {
  return sqlstate == "26000" || sqlstate == "42P05";
}

bool ends_session(std::string_view sqlstate) {
  // 25006: the server became a standby; a URL with several hosts finds the new primary at the next connect.
  return sqlstate.starts_with("08") || sqlstate.starts_with("57P") || sqlstate == "25006";
}

}  // namespace nx::store::postgres
