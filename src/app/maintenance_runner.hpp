#pragma once
// Runs the store's maintenance beside the service: future partitions, retention, purged keys
// (docs/data-model.md#maintenance). Every instance tries; the store allows one at a time.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include "model/result.hpp"
#include "observe/log.hpp"
#include "runtime/periodic.hpp"
#include "store/maintenance.hpp"

namespace nx::app {

class MaintenanceRunner {
 public:
  using Open = std::function<Result<std::unique_ptr<store::Maintenance>>()>;
  /// The time for which a record can be redelivered; nullopt: without limit. Called once, and again after a failure.
  using Retention = std::function<Result<std::optional<std::chrono::milliseconds>>()>;

  /// No idempotency key is purged until `retention` has answered; if it is empty, the plan's age applies.
  MaintenanceRunner(Open open, Retention retention, store::MaintenancePlan plan, const observe::Logger& log);

  ~MaintenanceRunner() { stop_soon(); }

  /// A current run ends after its current statement. Does not wait for it. Any thread.
  void stop_soon();

  std::int64_t rows_in_default() const { return rows_in_default_.load(std::memory_order_relaxed); }  // any thread
  /// This machine's clock minus the database's, according to the last read; nullopt before it. Any thread.
  std::optional<std::chrono::milliseconds> clock_ahead() const;
  /// Whether this machine's clock agrees with the database's, according to the last read. While it does not, no row
  /// counts as old. False until the first read. Any thread.
  bool clock_is_right() const;

  std::uint64_t failures() const { return failures_.load(std::memory_order_relaxed); }  // any thread
  std::uint64_t busy() const { return busy_.load(std::memory_order_relaxed); }          // any thread

 private:
  std::chrono::milliseconds run();
  std::chrono::milliseconds failed(const Error& error);
  void learn_key_age();
  void report(const store::MaintenanceReport& done);
  void compare_clocks(const store::MaintenanceReport& done);

  std::stop_source stop_;
  Open open_;
  Retention retention_;  // empty after it has answered
  store::MaintenancePlan plan_;
  const observe::Logger& log_;
  std::unique_ptr<store::Maintenance> maintenance_;
  std::atomic<std::int64_t> rows_in_default_{0};
  std::atomic<std::uint64_t> failures_{0}, busy_{0};
  static constexpr std::int64_t kUnknown = INT64_MIN;
  std::atomic<std::int64_t> database_ahead_ms_{kUnknown};  // the database's time minus the steady clock's
  runtime::Periodic thread_;                               // last, because the thread calls run()
};

}  // namespace nx::app
