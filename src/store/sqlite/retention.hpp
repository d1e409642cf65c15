#pragma once
// What is older than the retention leaves inboxes and tables, in slices.

#include <chrono>

#include "store/maintenance.hpp"
#include "store/sqlite/connection.hpp"

namespace nx::store::sqlite {

/// Until `end`; what is left makes the report unfinished.
Result<void> delete_expired(Connection& db, const MaintenancePlan& plan, MaintenanceReport& report,
                            std::chrono::steady_clock::time_point end);

}  // namespace nx::store::sqlite
