#pragma once
// Signal's own tables and their version (docs/data-model.md).

#include <string>

#include "store/long_work.hpp"
#include "store/postgres/connection.hpp"

namespace nx::store::postgres {

/// Runs under an advisory lock: of two processes at once, the second finds nothing to do. Returns a description of what
/// was done. `work` is called before each step.
Result<std::string> migrate(Connection& db, const std::string& schema, const LongWork& work);

/// Gives the database a new epoch and returns it.
Result<std::string> renew_epoch(Connection& db, const std::string& schema);

/// Whether this program may run on the existing schema; the error names the command to run.
Result<void> check_schema(Connection& db, const std::string& schema);

}  // namespace nx::store::postgres
