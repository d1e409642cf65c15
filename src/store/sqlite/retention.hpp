#pragma once
// Removes what is older than the retention from inboxes and tables, in slices.

#include <chrono>

#include "store/maintenance.hpp"
#include "store/sqlite/connection.hpp"

namespace nx::store::sqlite {

/// Runs until `end`; if rows are left, the report says that it is unfinished.
Result<void> delete_expired(Connection& db, const MaintenancePlan& plan, MaintenanceReport& report,
                            std::chrono::steady_clock::time_point end);

}  // namespace nx::store::sqlite
