#include "store/sqlite/purge.hpp"

#include <span>
#include <string>

namespace nx::store::sqlite {
namespace {

using std::chrono::steady_clock;

constexpr std::int64_t kPurgedAtOnce = 5'000;

EpochMs begin_of(std::chrono::hours age) {
  return {now_wall().value - std::chrono::duration_cast<std::chrono::milliseconds>(age).count()};
}

std::span<const std::uint8_t> bytes(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

bool goes_on(const MaintenancePlan& plan, MaintenanceReport& report, steady_clock::time_point end) {
  if (plan.stopping.stop_requested() || steady_clock::now() >= end) report.finished = false;
  return report.finished;
}

/// For a DELETE … RETURNING.
Result<std::int64_t> deleted_rows_of(Query deleted) {
  for (std::int64_t rows = 0;; ++rows) {
    const auto row = deleted.next();
    if (!row) return error_of(row);
    if (!*row) return rows;
  }
}

/// The last key of the slice after `after`; nullopt at the end.
Result<std::optional<std::string>> key_behind(Connection& db, const std::string& after) {
  auto query = db.query(
      R"(SELECT max(key) FROM (SELECT key FROM "ActivityNotificationKey" WHERE key > ?1 ORDER BY key LIMIT ?2))",
      bytes(after), kPurgedAtOnce);
  const auto row = query.next();
  if (!row) return error_of(row);
  return query.maybe_text(0);
}

}  // namespace

/// One pass over the keys in their own order: there is no index on their age.
Result<void> purge_keys(Connection& db, const MaintenancePlan& plan, MaintenanceReport& report,
                        steady_clock::time_point end) {
  const EpochMs keep_from = begin_of(plan.key_age);
  for (std::string after; goes_on(plan, report, end);) {
    auto last = db.transaction(Access::write, [&]() -> Result<std::optional<std::string>> {
      auto last_key = key_behind(db, after);
      if (!last_key || !*last_key) return last_key;
      const std::string last_of_slice = **last_key;
      auto gone = deleted_rows_of(db.query(
          R"(DELETE FROM "ActivityNotificationKey" WHERE key > ?1 AND key <= ?2 AND created_at < ?3 RETURNING 1)",
          bytes(after), bytes(last_of_slice), keep_from));
      if (!gone) return error_of(gone);
      report.keys_purged += *gone;
      return last_key;
    });
    if (!last) return error_of(last);
    if (!*last) return {};
    after = **last;
  }
  return {};
}

Result<void> purge_revocations(Connection& db, const MaintenancePlan& plan, MaintenanceReport& report,
                               steady_clock::time_point end) {
  const EpochMs keep_from = begin_of(plan.revocation_age);
  for (std::int64_t gone = kPurgedAtOnce; gone == kPurgedAtOnce && goes_on(plan, report, end);) {
    auto slice = db.transaction(Access::write, [&] {
      return deleted_rows_of(db.query(
          R"(DELETE FROM "ActivityRevocation" WHERE user_id IN (SELECT user_id FROM "ActivityRevocation"
               INDEXED BY "ActivityRevocationTime" WHERE revoked_at < ?1 ORDER BY revoked_at, user_id LIMIT ?2) RETURNING 1)",
          keep_from, kPurgedAtOnce));
    });
    if (!slice) return error_of(slice);
    gone = *slice;
    report.revocations_purged += gone;
  }
  return {};
}

}  // namespace nx::store::sqlite
