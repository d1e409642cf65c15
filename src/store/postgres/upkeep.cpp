#include "store/postgres/upkeep.hpp"

#include <algorithm>

#include "store/postgres/month_map.hpp"
#include "store/postgres/partitions.hpp"
#include "store/postgres/retention.hpp"
#include "store/postgres/statements.hpp"
#include "store/postgres/turn.hpp"

namespace nx::store::postgres {
namespace {

constexpr std::int64_t kRowsPurgedAtOnce = 5'000;  // in one transaction
constexpr std::int64_t kCountLimit = 100'000;      // of rows in a default partition; beyond, the alert is the same

class Upkeep {
 public:
  Upkeep(Connection& db, const std::string& schema, const MaintenancePlan& plan) : turn_(db, schema, plan), db_(db) {}

  Result<MaintenanceReport> run() {
    // First, and whoever does the rest: it tells that the rest has not been done for long.
    if (auto counted = count_default(); !counted) return error_of(counted);
    if (auto begun = turn_.begin(); !begun) return error_of(begun);
    for (auto part : {&Upkeep::make_partitions, &Upkeep::end_months, &Upkeep::purge_keys, &Upkeep::purge_revocations,
                      &Upkeep::map_months}) {
      auto done = (this->*part)();
      if (!done && !turn_.report.failed) turn_.report.failed = std::move(done.error());
      if (turn_.report.elsewhere) break;
    }
    return turn_.report;
  }

 private:
  Result<void> make_partitions() {
    const Month now = month_of(turn_.now);
    for (int i = 0; i <= static_cast<int>(turn_.plan.months_ahead); ++i) {
      const Month month = now.plus(i);
      // One table at a time: readers and writers hold both, in either order.
      for (const char* parent : {kNotifications, kRecipients}) {
        auto done = make_missing(parent, month);
        if (!done || turn_.stopped()) return done;
      }
    }
    return {};
  }

  Result<void> make_missing(const char* parent, Month month) {
    bool wanted = false;
    auto looked = turn_.step([&]() -> Result<void> {
      auto present = months_present(db_, turn_.schema, parent);
      if (!present) return error_of(present);
      if (std::find(present->begin(), present->end(), month) != present->end()) return {};
      auto strays = has_strays(db_, turn_.schema, parent, month);
      if (!strays) return error_of(strays);
      wanted = !*strays;
      return {};
    });
    if (!looked || !wanted) return looked;
    if (turn_.tables_rest()) {
      turn_.not_finished();
      return {};
    }
    auto made = turn_.on_tables([&] { return make_partition(db_, turn_.schema, parent, month); });
    if (made && !turn_.tables_rest() && !turn_.stopped()) ++turn_.report.partitions_made;
    return made;
  }

  Result<void> end_months() { return Retention(turn_).run(); }

  Result<void> map_months() { return MonthMapping(turn_).run(); }

  Result<void> purge_keys() {
    return purge(R"(DELETE FROM @"ActivityNotificationKey" WHERE key IN
             (SELECT key FROM @"ActivityNotificationKey" WHERE created_at < $1 ORDER BY created_at LIMIT $2))",
                 turn_.plan.key_age, turn_.report.keys_purged);
  }

  /// The time is asked twice: who is revoked again meanwhile is deleted by the first look alone.
  Result<void> purge_revocations() {
    return purge(R"(DELETE FROM @"ActivityRevocation" WHERE revoked_at < $1 AND user_id IN
             (SELECT user_id FROM @"ActivityRevocation" WHERE revoked_at < $1 ORDER BY revoked_at, user_id LIMIT $2))",
                 turn_.plan.revocation_age, turn_.report.revocations_purged);
  }

  /// Rows that are older than `age`, in slices.
  Result<void> purge(std::string_view statement, std::chrono::hours age, std::int64_t& purged) {
    const std::string slice = in_schema(statement, turn_.schema);
    const EpochMs keep_from{turn_.now.value - std::chrono::duration_cast<std::chrono::milliseconds>(age).count()};
    for (std::int64_t gone = kRowsPurgedAtOnce; gone == kRowsPurgedAtOnce && turn_.goes_on();) {
      auto done = turn_.step([&]() -> Result<void> {
        auto deleted = db_.exchange({{slice, Parameters(keep_from, kRowsPurgedAtOnce)}});
        if (!deleted) return error_of(deleted);
        gone = deleted->front().changed();
        purged += gone;
        return {};
      });
      if (done) continue;
      if (!turn_.is_busy()) return done;
      turn_.stop();
    }
    return {};
  }

  Result<void> count_default() {
    const std::string count = in_schema(
        R"(SELECT (SELECT count(*) FROM (SELECT 1 FROM @"ActivityNotification_default" LIMIT $1) n)
                + (SELECT count(*) FROM (SELECT 1 FROM @"ActivityNotificationRecipient_default" LIMIT $1) r))",
        turn_.schema);
    auto counted = db_.read({{count, Parameters(kCountLimit)}});
    if (!counted) return error_of(counted);
    turn_.report.rows_in_default = counted->front().integer(0, 0);
    return {};
  }

  Turn turn_;
  Connection& db_;
};

}  // namespace

Result<MaintenanceReport> keep_up(Connection& db, const std::string& schema, const MaintenancePlan& plan) {
  return Upkeep(db, schema, plan).run();
}

}  // namespace nx::store::postgres
