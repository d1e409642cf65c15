#pragma once
// One run of maintenance. Its steps are transactions under a lock that one instance at a time holds, within a budget;
// steps that change tables avoid tables that are in use. Used by one thread.

#include <chrono>
#include <string>

#include "store/maintenance.hpp"
#include "store/postgres/connection.hpp"

namespace nx::store::postgres {

class MaintenanceRun {
 public:
  MaintenanceRun(Connection& connection, const std::string& of_schema, const MaintenancePlan& of_plan)
      : db(connection), schema(of_schema), plan(of_plan), end_(std::chrono::steady_clock::now() + of_plan.budget) {}

  /// Reads both clocks, and the time until the tables may be changed again.
  Result<void> begin();

  /// Runs `body` in a transaction under the lock; does nothing if another instance holds it.
  template <class Body>
  Result<void> step(Body body) {
    if (plan.stopping.stop_requested()) {
      stop();
      return {};
    }
    bool ours = false;
    auto done = db.write([&]() -> Result<void> {
      auto locked = take_lock();
      if (!locked) return error_of(locked);
      ours = *locked;
      return ours ? body() : Result<void>{};
    });
    if (done && !ours) {
      report.elsewhere = !began_;
      stop();
    }
    began_ = began_ || ours;
    return done;
  }

  /// A step that changes a table. It is skipped during the tables' back-off; if another transaction has the table
  /// locked, the back-off begins.
  template <class Body>
  Result<void> on_tables(Body body) {
    if (tables_back_off()) return {};
    auto done = step([&]() -> Result<void> {
      if (auto briefly = wait_briefly(); !briefly) return briefly;
      auto changed = body();
      return changed ? release_tables() : changed;
    });
    if (!done && is_busy()) return begin_back_off();
    return done;
  }

  /// Keeps the other instances from changing the tables for a minute, for a statement that runs outside of a
  /// transaction.
  Result<void> reserve_tables();

  bool is_busy() const;           // the last statement failed on a lock
  Result<void> begin_back_off();  // 1, 2, 4 … minutes, for all instances
  bool tables_back_off() const { return report.tables_back_off.count() > 0; }
  bool goes_on();
  bool stopped() const { return stopped_; }
  void stop();
  void not_finished() { report.finished = false; }

  std::string table(const std::string& name) const;

  Connection& db;
  const std::string& schema;
  const MaintenancePlan& plan;
  MaintenanceReport report;
  EpochMs now;  // the earlier of the two clocks

 private:
  Result<bool> take_lock();
  Result<void> wait_briefly();
  Result<void> release_tables();

  const std::chrono::steady_clock::time_point end_;
  bool began_ = false;    // a step of this run held the lock
  bool stopped_ = false;  // the budget is used up, a stop was requested, or another instance took over
};

}  // namespace nx::store::postgres
