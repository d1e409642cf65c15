#pragma once
// Deletes rows that are useless after a time, in slices: idempotency keys and revocations.

#include <chrono>

#include "store/maintenance.hpp"
#include "store/sqlite/connection.hpp"

namespace nx::store::sqlite {

/// Both run until `end`; if rows are left, the report says that it is unfinished.
Result<void> purge_keys(Connection& db, const MaintenancePlan& plan, MaintenanceReport& report,
                        std::chrono::steady_clock::time_point end);
Result<void> purge_revocations(Connection& db, const MaintenancePlan& plan, MaintenanceReport& report,
                               std::chrono::steady_clock::time_point end);

}  // namespace nx::store::sqlite
