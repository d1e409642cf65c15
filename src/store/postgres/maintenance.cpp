#include "store/postgres/maintenance.hpp"

#include <algorithm>

#include "store/postgres/maintenance_run.hpp"
#include "store/postgres/month_map.hpp"
#include "store/postgres/partitions.hpp"
#include "store/postgres/retention.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store::postgres {
namespace {

constexpr std::int64_t kRowsPurgedAtOnce = 5'000;  // in one transaction
constexpr std::int64_t kCountLimit = 100'000;      // rows in a default partition; more do not change the alert

class MaintenanceTasks {
 public:
  MaintenanceTasks(Connection& db, const std::string& schema, const MaintenancePlan& plan)
      : run_(db, schema, plan), db_(db) {}

  Result<MaintenanceReport> run() {
    // Counted first, and by every instance: rows in the default partition reveal that the other steps have not been
    // done for long.
    if (auto counted = count_default(); !counted) return error_of(counted);
    if (auto begun = run_.begin(); !begun) return error_of(begun);
    for (auto part : {&MaintenanceTasks::make_partitions, &MaintenanceTasks::end_months, &MaintenanceTasks::purge_keys,
                      &MaintenanceTasks::purge_revocations, &MaintenanceTasks::map_months}) {
      auto done = (this->*part)();
      if (!done && !run_.report.failed) run_.report.failed = std::move(done.error());
      if (run_.report.elsewhere) break;
    }
    return run_.report;
  }

 private:
  Result<void> make_partitions() {
    const Month now = month_of(run_.now);
    for (int i = 0; i <= static_cast<int>(run_.plan.months_ahead); ++i) {
      const Month month = now.plus(i);
      // One table at a time, because readers and writers lock both tables in either order.
      for (const char* parent : {kNotifications, kRecipients}) {
        auto done = make_missing(parent, month);
        if (!done || run_.stopped()) return done;
      }
    }
    return {};
  }

  Result<void> make_missing(const char* parent, Month month) {
    bool wanted = false;
    auto looked = run_.step([&]() -> Result<void> {
      auto present = months_present(db_, run_.schema, parent);
      if (!present) return error_of(present);
      if (std::find(present->begin(), present->end(), month) != present->end()) return {};
      auto strays = has_strays(db_, run_.schema, parent, month);
      if (!strays) return error_of(strays);
      wanted = !*strays;
      return {};
    });
    if (!looked || !wanted) return looked;
    if (run_.tables_back_off()) {
      run_.not_finished();
      return {};
    }
    auto made = run_.on_tables([&] { return make_partition(db_, run_.schema, parent, month); });
    if (made && !run_.tables_back_off() && !run_.stopped()) ++run_.report.partitions_made;
    return made;
  }

  Result<void> end_months() { return Retention(run_).run(); }

  Result<void> map_months() { return MonthMapping(run_).run(); }

  Result<void> purge_keys() {
    return purge(R"(DELETE FROM @"ActivityNotificationKey" WHERE key IN
             (SELECT key FROM @"ActivityNotificationKey" WHERE created_at < $1 ORDER BY created_at LIMIT $2))",
                 run_.plan.key_age, run_.report.keys_purged);
  }

  /// The time is compared twice: a user who is revoked again after the inner query must not be deleted.
  Result<void> purge_revocations() {
    return purge(R"(DELETE FROM @"ActivityRevocation" WHERE revoked_at < $1 AND user_id IN
             (SELECT user_id FROM @"ActivityRevocation" WHERE revoked_at < $1 ORDER BY revoked_at, user_id LIMIT $2))",
                 run_.plan.revocation_age, run_.report.revocations_purged);
  }

  /// Deletes rows that are older than `age`, in slices.
  Result<void> purge(std::string_view statement, std::chrono::hours age, std::int64_t& purged) {
    const std::string slice = in_schema(statement, run_.schema);
    const EpochMs keep_from{run_.now.value - std::chrono::duration_cast<std::chrono::milliseconds>(age).count()};
    for (std::int64_t gone = kRowsPurgedAtOnce; gone == kRowsPurgedAtOnce && run_.goes_on();) {
      auto done = run_.step([&]() -> Result<void> {
        auto deleted = db_.exchange({{slice, Parameters(keep_from, kRowsPurgedAtOnce)}});
        if (!deleted) return error_of(deleted);
        gone = deleted->front().changed();
        purged += gone;
        return {};
      });
      if (done) continue;
      if (!run_.is_busy()) return done;
      run_.stop();
    }
    return {};
  }

  Result<void> count_default() {
    const std::string count = in_schema(
        R"(SELECT (SELECT count(*) FROM (SELECT 1 FROM @"ActivityNotification_default" LIMIT $1) n)
                + (SELECT count(*) FROM (SELECT 1 FROM @"ActivityNotificationRecipient_default" LIMIT $1) r))",
        run_.schema);
    auto counted = db_.read({{count, Parameters(kCountLimit)}});
    if (!counted) return error_of(counted);
    run_.report.rows_in_default = counted->front().integer(0, 0);
    return {};
  }

  MaintenanceRun run_;
  Connection& db_;
};

}  // namespace

Result<MaintenanceReport> run_maintenance(Connection& db, const std::string& schema, const MaintenancePlan& plan) {
  return MaintenanceTasks(db, schema, plan).run();
}

}  // namespace nx::store::postgres
