#include "app/maintenance_runner.hpp"

#include <algorithm>

namespace nx::app {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kEvery = 1h;  // a month's partition is created three months ahead
// the budget was used up: the next slices follow once other work has had its turn
constexpr std::chrono::milliseconds kUnfinished = 10s;
constexpr std::chrono::milliseconds kAfterFailure = 60s;  // maintenance is not urgent
constexpr std::chrono::hours kShortestKeyAge{30 * 24};
constexpr std::chrono::hours kForEver{100 * 366 * 24};
constexpr std::chrono::milliseconds kClocksApart = 1h;  // a larger difference means that one clock is wrong

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

MaintenanceRunner::MaintenanceRunner(Open open, Retention retention, store::MaintenancePlan plan,
                                     const observe::Logger& log)
    : open_(std::move(open)), retention_(std::move(retention)), plan_(plan), log_(log), thread_("upkeep", [this] {
        return run();
      }) {}

void MaintenanceRunner::stop_soon() {
  stop_.request_stop();
  thread_.stop_soon();
}

std::chrono::milliseconds MaintenanceRunner::run() {
  if (!maintenance_) {
    auto opened = open_();
    if (!opened) return failed(opened.error());
    maintenance_ = std::move(*opened);
  }
  learn_key_age();
  plan_.stopping = stop_.get_token();
  const auto done = maintenance_->run(plan_);
  if (!done) return failed(done.error());
  compare_clocks(*done);
  report(*done);
  if (done->failed) return failed(*done->failed);
  if (done->elsewhere) return kEvery;
  if (done->tables_back_off.count() > 0) return std::clamp(done->tables_back_off, kUnfinished, kEvery);
  return done->finished ? kEvery : kUnfinished;
}

/// A record may be redelivered for as long as its topic keeps it, so its key is kept for twice that time.
void MaintenanceRunner::learn_key_age() {
  if (!retention_ || stop_.stop_requested()) return;
  plan_.key_age = kForEver;
  const auto retention = retention_();
  if (!retention) return log_.warn("idempotency keys are kept for now", {{"reason", retention.error().message}});
  retention_ = nullptr;
  if (*retention) plan_.key_age = std::max(kShortestKeyAge, std::chrono::ceil<std::chrono::hours>(2 * **retention));
}

std::chrono::milliseconds MaintenanceRunner::failed(const Error& error) {
  failures_.fetch_add(1, std::memory_order_relaxed);
  log_.warn("maintenance failed, tried again in a minute", {{"reason", error.message}});
  return kAfterFailure;
}

/// Uses the steady clock between two reads, so that a change of the wall clock is noticed at once.
std::optional<std::chrono::milliseconds> MaintenanceRunner::clock_ahead() const {
  const std::int64_t ahead = database_ahead_ms_.load(std::memory_order_relaxed);
  if (ahead == kUnknown) return std::nullopt;
  return std::chrono::milliseconds{now_wall().value - ahead - steady_ms()};
}

bool MaintenanceRunner::clock_is_right() const {
  const auto ahead = clock_ahead();
  return ahead && std::chrono::abs(*ahead) < kClocksApart;
}

void MaintenanceRunner::compare_clocks(const store::MaintenanceReport& done) {
  const EpochMs theirs = done.database_time.value_or(now_wall());
  database_ahead_ms_.store(theirs.value - steady_ms(), std::memory_order_relaxed);
  if (clock_is_right()) return;
  log_.error(
      "this machine's clock differs from the database's: set the right time; until then rows that are old by "
      "only one of the two clocks "
      "are kept",
      {{"ahead_s", (now_wall().value - theirs.value) / 1'000}});
}

void MaintenanceRunner::report(const store::MaintenanceReport& done) {
  rows_in_default_.store(done.rows_in_default, std::memory_order_relaxed);
  if (done.rows_in_default > 0) {
    log_.warn("rows lie in the default partition: a month's partition was missing", {{"rows", done.rows_in_default}});
  }
  if (done.busy) {
    busy_.fetch_add(1, std::memory_order_relaxed);
    log_.warn("tables are in use: partitions are made and dropped later",
              {{"rest_s", std::chrono::ceil<std::chrono::seconds>(done.tables_back_off).count()}});
  }
  const auto changed = static_cast<std::int64_t>(done.partitions_made + done.partitions_dropped) +
                       done.live_rows_removed + done.rows_deleted + done.keys_purged + done.revocations_purged;
  if (changed == 0) return;
  log_.info("maintenance done", {{"partitions_made", done.partitions_made},
                                 {"partitions_dropped", done.partitions_dropped},
                                 {"live_rows_removed", done.live_rows_removed},
                                 {"rows_deleted", done.rows_deleted},
                                 {"keys_purged", done.keys_purged},
                                 {"revocations_purged", done.revocations_purged}});
}

}  // namespace nx::app
