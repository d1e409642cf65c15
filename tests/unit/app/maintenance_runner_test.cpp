#include "app/maintenance_runner.hpp"

#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

namespace nx::app {
namespace {

using std::chrono::steady_clock;

/// Retention of very many rows: goes on slice by slice until its budget is used up or it is told to stop.
class LongMaintenance final : public store::Maintenance {
 public:
  explicit LongMaintenance(std::promise<void>& begun) : begun_(begun) {}

  Result<store::MaintenanceReport> run(const store::MaintenancePlan& plan) override {
    begun_.set_value();
    std::mutex mutex;
    std::condition_variable_any told;
    std::unique_lock lock(mutex);
    told.wait_for(lock, plan.stopping, plan.budget, [] { return false; });
    return store::MaintenanceReport{.finished = false};
  }
  Result<store::Audit> audit(const store::LongWork&) override { return store::Audit{}; }
  Result<std::int64_t> recount(const store::LongWork&) override { return 0; }

 private:
  std::promise<void>& begun_;
};

TEST(MaintenanceRunner, ItsEndDoesNotWaitForTheBudget) {
  const observe::Logger log{{.level = observe::Level::error}};
  std::promise<void> begun;
  {
    const MaintenanceRunner runner(
        [&begun]() -> Result<std::unique_ptr<store::Maintenance>> { return std::make_unique<LongMaintenance>(begun); },
        {}, {.budget = std::chrono::hours{1}}, log);
    begun.get_future().wait();
  }
  SUCCEED() << "ended: a wait for the budget would have lasted an hour";
}

/// Finds a table in use each time.
class BusyMaintenance final : public store::Maintenance {
 public:
  explicit BusyMaintenance(std::promise<void>& begun) : begun_(begun) {}
  Result<store::MaintenanceReport> run(const store::MaintenancePlan&) override {
    if (runs_++ == 1) begun_.set_value();
    return store::MaintenanceReport{.finished = false, .busy = true, .tables_back_off = std::chrono::hours{1}};
  }
  Result<store::Audit> audit(const store::LongWork&) override { return store::Audit{}; }
  Result<std::int64_t> recount(const store::LongWork&) override { return 0; }

 private:
  std::promise<void>& begun_;
  int runs_ = 0;
};

TEST(MaintenanceRunner, TablesInUseAreCountedAndLeftAloneForAsLongAsTheStoreSays) {
  const observe::Logger log{{.level = observe::Level::error}};
  std::promise<void> again;
  const MaintenanceRunner runner(
      [&again]() -> Result<std::unique_ptr<store::Maintenance>> { return std::make_unique<BusyMaintenance>(again); },
      {}, {}, log);
  while (runner.busy() == 0) std::this_thread::yield();
  EXPECT_EQ(runner.busy(), 1U);
  EXPECT_EQ(runner.failures(), 0U);
  EXPECT_EQ(again.get_future().wait_for(std::chrono::milliseconds{200}), std::future_status::timeout)
      << "there is an hour to go";
}

/// On a database whose clock is an hour and a half behind.
class BehindMaintenance final : public store::Maintenance {
 public:
  Result<store::MaintenanceReport> run(const store::MaintenancePlan&) override {
    return store::MaintenanceReport{.finished = true, .database_time = EpochMs{now_wall().value - 5'400'000}};
  }
  Result<store::Audit> audit() override { return store::Audit{}; }
  Result<std::int64_t> recount() override { return 0; }
};

TEST(MaintenanceRunner, TheDifferenceOfTheClocksIsKnownAfterTheFirstRun) {
  const observe::Logger log{{.level = observe::Level::error, .fd = -1}};
  std::promise<void> open;
  const MaintenanceRunner runner(
      [&open]() -> Result<std::unique_ptr<store::Maintenance>> {
        open.get_future().wait();
        return std::make_unique<BehindMaintenance>();
      },
      {}, {}, log);
  EXPECT_FALSE(runner.clock_ahead());
  EXPECT_FALSE(runner.clock_is_right());

  open.set_value();

  while (!runner.clock_ahead()) std::this_thread::yield();
  EXPECT_NEAR(static_cast<double>(runner.clock_ahead()->count()), 5'400'000, 60'000);
  EXPECT_FALSE(runner.clock_is_right());
}

}  // namespace
}  // namespace nx::app
