#pragma once
// Compares the counters of every user with a recount of their rows.

#include "store/maintenance.hpp"
#include "store/postgres/connection.hpp"

namespace nx::store::postgres {

Result<Audit> audit_counters(Connection& db, const std::string& schema, const LongWork& work);

/// Returns the number of users whose counters were repaired.
Result<std::int64_t> repair_counters(Connection& db, const std::string& schema, const LongWork& work);

}  // namespace nx::store::postgres
