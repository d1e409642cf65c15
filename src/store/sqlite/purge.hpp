#pragma once
// Rows that are of no use after a time: idempotency keys and revocations. In slices.

#include <chrono>

#include "store/maintenance.hpp"
#include "store/sqlite/connection.hpp"

namespace nx::store::sqlite {

/// Both until `end`; what is left makes the report unfinished.
Result<void> purge_keys(Connection& db, const MaintenancePlan& plan, MaintenanceReport& report,
                        std::chrono::steady_clock::time_point end);
Result<void> purge_revocations(Connection& db, const MaintenancePlan& plan, MaintenanceReport& report,
                               std::chrono::steady_clock::time_point end);

}  // namespace nx::store::sqlite
