#pragma once
// The errors that the server reports, by their SQLSTATE (PostgreSQL manual, appendix A), and their meaning for the
// caller.

#include <libpq-fe.h>
#include <string>
#include <string_view>

#include "model/result.hpp"

namespace nx::store::postgres {

/// The SQLSTATEs that this program acts on.
enum class SqlState {
  none,                   // the server reported no error: there was none, or the link broke
  connection_exception,   // class 08
  data_exception,         // class 22
  check_violation,        // 23514; without the name of a constraint: a row without a partition
  active_transaction,     // 25001
  read_only_transaction,  // 25006
  no_such_statement,      // 26000
  serialization_failure,  // 40001
  deadlock,               // 40P01
  syntax_error,           // 42601
  undefined_column,       // 42703
  datatype_mismatch,      // 42804
  undefined_function,     // 42883
  undefined_table,        // 42P01
  duplicate_statement,    // 42P05
  limit_exceeded,         // 54000
  not_prepared_for_it,    // 55000: the object is not in the state that the statement requires
  lock_not_available,     // 55P03: the lock time-out
  query_canceled,         // 57014: the statement time-out
  operator_intervention,  // class 57 from 57P01 on: the server shuts down, restarts, or is not ready
  other,
};

/// For an empty `code`: SqlState::none.
SqlState sqlstate_of(std::string_view code);

/// The error of a failed statement.
struct ServerError {
  SqlState state = SqlState::none;
  std::string code;        // the SQLSTATE as it was sent; empty if libpq itself reports the error
  std::string message;     // the server's, without details, which may quote data
  std::string constraint;  // the name of the violated constraint, or empty
};

/// The only reader of the error fields of libpq's results.
ServerError read_error(const PGresult& result);

ErrorKind kind_of(const ServerError& error);

/// The statement with a prepared name does not exist, or the name is taken: a pooler gives each transaction another
/// session (PgBouncer).
bool says_sessions_are_shared(SqlState state);

/// After these errors the session is useless, although the link may still be open.
bool ends_session(SqlState state);

}  // namespace nx::store::postgres
