#pragma once
// The counters of every user against a recount of their rows.

#include "store/maintenance.hpp"
#include "store/postgres/connection.hpp"

namespace nx::store::postgres {

Result<Audit> audit_counters(Connection& db, const std::string& schema);

/// The number of users whose counters were set right.
Result<std::int64_t> repair_counters(Connection& db, const std::string& schema);

}  // namespace nx::store::postgres
