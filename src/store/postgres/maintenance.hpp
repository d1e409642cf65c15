#pragma once
// Maintenance of the tables: partitions ahead of time, retention, old keys. Each step is a short transaction of its own
// under an advisory lock, so that two instances never do the same step at once.

#include "store/maintenance.hpp"
#include "store/postgres/connection.hpp"

namespace nx::store::postgres {

/// Runs until the budget is used up.
Result<MaintenanceReport> run_maintenance(Connection& db, const std::string& schema, const MaintenancePlan& plan);

}  // namespace nx::store::postgres
