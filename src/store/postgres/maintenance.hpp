#pragma once
// What keeps the tables healthy: partitions ahead of time, retention, old keys. Each step is a short transaction of its
// own under an advisory lock, so that instances never do the same step at once.

#include "store/maintenance.hpp"
#include "store/postgres/connection.hpp"

namespace nx::store::postgres {

/// As far as the budget goes.
Result<MaintenanceReport> run_maintenance(Connection& db, const std::string& schema, const MaintenancePlan& plan);

}  // namespace nx::store::postgres
