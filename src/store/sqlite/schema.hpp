#pragma once
// Signal's own tables and their version (docs/data-model.md).

#include <string>

#include "store/sqlite/connection.hpp"

namespace nx::store::sqlite {

/// Runs in one write transaction: two processes may call it at once, the second finds nothing to do. Returns a
/// description of what was done.
Result<std::string> migrate(Connection& db);

/// Gives the database a new epoch and returns it.
Result<std::string> renew_epoch(Connection& db);

/// Whether this program may run on the existing schema; the error names the command to run.
Result<void> check_schema(Connection& db);

}  // namespace nx::store::sqlite
