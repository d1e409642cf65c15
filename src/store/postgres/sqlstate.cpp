#include "store/postgres/sqlstate.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "store/postgres/statements.hpp"

namespace nx::store::postgres {
namespace {

constexpr auto kCodes = std::to_array<std::pair<std::string_view, SqlState>>({
    {"23514", SqlState::check_violation},
    {"25001", SqlState::active_transaction},
    {"25006", SqlState::read_only_transaction},
    {"26000", SqlState::no_such_statement},
    {"40001", SqlState::serialization_failure},
    {"40P01", SqlState::deadlock},
    {"42601", SqlState::syntax_error},
    {"42703", SqlState::undefined_column},
    {"42804", SqlState::datatype_mismatch},
    {"42883", SqlState::undefined_function},
    {"42P01", SqlState::undefined_table},
    {"42P05", SqlState::duplicate_statement},
    {"54000", SqlState::limit_exceeded},
    {"55000", SqlState::not_prepared_for_it},
    {"55P03", SqlState::lock_not_available},
    {"57014", SqlState::query_canceled},
});

const char* field(const PGresult& result, int code) {
  const char* text = PQresultErrorField(&result, code);
  return text == nullptr ? "" : text;
}

}  // namespace

SqlState sqlstate_of(std::string_view code) {
  if (code.empty()) return SqlState::none;
  if (code.starts_with("08")) return SqlState::connection_exception;
  if (code.starts_with("22")) return SqlState::data_exception;
  if (code.starts_with("57P")) return SqlState::operator_intervention;
  const auto found = std::ranges::find(kCodes, code, &std::pair<std::string_view, SqlState>::first);
  return found == kCodes.end() ? SqlState::other : found->second;
}

ServerError read_error(const PGresult& result) {
  const std::string code = field(result, PG_DIAG_SQLSTATE);
  return {.state = sqlstate_of(code),
          .code = code,
          .message = field(result, PG_DIAG_MESSAGE_PRIMARY),
          .constraint = field(result, PG_DIAG_CONSTRAINT_NAME)};
}

ErrorKind kind_of(const ServerError& error) {
  switch (error.state) {
    case SqlState::data_exception:
    case SqlState::limit_exceeded:
      return ErrorKind::invalid;
    case SqlState::check_violation:
      return error.constraint == kUserIdConstraint ? ErrorKind::invalid : ErrorKind::unavailable;
    case SqlState::serialization_failure:
    case SqlState::deadlock:
    case SqlState::no_such_statement:
    case SqlState::duplicate_statement:
      return ErrorKind::conflict;
    case SqlState::query_canceled:
      return ErrorKind::too_broad;
    default:
      // Read-only, full, out of connections, shutting down, no table, no right: a change of the caller's data would not
      // help.
      return ErrorKind::unavailable;
  }
}

bool says_sessions_are_shared(SqlState state) {
  return state == SqlState::no_such_statement || state == SqlState::duplicate_statement;
}

bool ends_session(SqlState state) {
  // Read-only: the server became a standby; a URL with several hosts finds the new primary at the next connect.
  return state == SqlState::connection_exception || state == SqlState::operator_intervention ||
         state == SqlState::read_only_transaction;
}

}  // namespace nx::store::postgres
