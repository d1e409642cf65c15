#include "store/postgres/maintenance_run.hpp"

#include <algorithm>

#include "store/postgres/partitions.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store::postgres {

namespace {

using std::chrono::milliseconds;

// The lock time-out for rows: a transaction holds an inbox for tens of milliseconds.
constexpr std::string_view kRowLocks = "SELECT set_config('lock_timeout', '100', true)";

}  // namespace

Result<void> MaintenanceRun::begin() {
  const std::string clocks = in_schema(
      R"(SELECT (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000)::bigint,
           coalesce((SELECT greatest(0, extract(epoch FROM not_before - pg_catalog.clock_timestamp()) * 1000)::bigint
                     FROM @"ActivityUpkeep"), 0))",
      schema);
  auto read = db.read({{clocks, {}}});
  if (!read) return error_of(read);
  report.database_time = EpochMs{read->front().integer(0, 0)};
  report.tables_back_off = milliseconds{read->front().integer(0, 1)};
  // A wrong clock, ours or the server's, must not delete anything: a row is old only if it is old by both clocks.
  now = std::min(plan.clock(), *report.database_time);
  return {};
}

Result<bool> MaintenanceRun::take_lock() {
  static constexpr std::string_view kLock =
      "SELECT pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended($1, 0))";
  auto locked = db.exchange({{kLock, Parameters("nx-signal maintenance " + schema)}, {kRowLocks, {}}});
  if (!locked) return error_of(locked);
  return locked->front().flag(0, 0);
}

Result<void> MaintenanceRun::wait_briefly() {
  return db.exchange({{kShortLocks, {}}}).map([](const std::vector<Rows>&) {});
}

Result<void> MaintenanceRun::release_tables() {
  const std::string forget = in_schema(
      R"(UPDATE @"ActivityUpkeep" SET busy = 0, not_before = pg_catalog.clock_timestamp()
           WHERE busy > 0 OR not_before > pg_catalog.clock_timestamp())",
      schema);
  return db.exchange({{forget, {}}}).map([](const std::vector<Rows>&) {});
}

Result<void> MaintenanceRun::reserve_tables() {
  const std::string reserve = in_schema(
      R"(UPDATE @"ActivityUpkeep" SET not_before = pg_catalog.clock_timestamp() + interval '1 minute')", schema);
  return db.exchange({{reserve, {}}}).map([](const std::vector<Rows>&) {});
}

bool MaintenanceRun::is_busy() const {
  return db.last_sqlstate() == SqlState::lock_not_available;
}

Result<void> MaintenanceRun::begin_back_off() {
  const std::string extend = in_schema(
      R"(UPDATE @"ActivityUpkeep" SET busy = busy + 1,
           not_before = pg_catalog.clock_timestamp() + least(interval '1 minute' * 2 ^ least(busy, 6), interval '1 hour')
         RETURNING (extract(epoch FROM not_before - pg_catalog.clock_timestamp()) * 1000)::bigint)",
      schema);
  auto extended = db.write([&] { return db.exchange({{extend, {}}}); });
  if (!extended) return error_of(extended);
  report.busy = true;
  not_finished();
  if (!extended->front().empty()) report.tables_back_off = milliseconds{extended->front().integer(0, 0)};
  return {};
}

bool MaintenanceRun::goes_on() {
  if (plan.stopping.stop_requested() || std::chrono::steady_clock::now() >= end_) stop();
  return !stopped_;
}

void MaintenanceRun::stop() {
  stopped_ = true;
  not_finished();
}

std::string MaintenanceRun::table(const std::string& name) const {
  return in_schema("@", schema) + quoted(name, '"');
}

}  // namespace nx::store::postgres
