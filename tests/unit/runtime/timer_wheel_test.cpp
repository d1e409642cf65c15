#include "runtime/timer_wheel.hpp"

#include <array>
#include <functional>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

namespace nx::runtime {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

struct Alarm final : Timer {
  std::function<void()> call = [] {};
  int fired = 0;
  void on_timer() override {
    ++fired;
    call();
  }
};

class TimerWheelTest : public testing::Test {
 protected:
  static SteadyTime at(milliseconds since_start) { return SteadyTime{hours{5}} + since_start; }
  void advance(milliseconds since_start) { wheel.advance(at(since_start)); }
  TimerWheel wheel{at(milliseconds{0})};
};

TEST_F(TimerWheelTest, FiresNeverEarlyAndAtMostOneGranularityLate) {
  for (const int when : {1, 99, 100, 101, 250, 999, 5'000, 102'399, 102'400, 102'401, 300'000, 1'000'000}) {
    TimerWheel own(at(milliseconds{0}));
    Alarm alarm;
    own.schedule(alarm, at(milliseconds{when}));
    int fired_at = -1;
    for (int now = 0; now <= when + 300 && fired_at < 0; now += 7) {
      own.advance(at(milliseconds{now}));
      if (alarm.fired > 0) fired_at = now;
    }
    EXPECT_GE(fired_at, when);
    EXPECT_LT(fired_at, when + 100 + 7);
    EXPECT_EQ(alarm.fired, 1);
    EXPECT_FALSE(alarm.is_scheduled());
  }
}

TEST_F(TimerWheelTest, FiresWhatIsAlreadyDueAtTheNextTick) {
  advance(milliseconds{1'000});
  Alarm alarm;
  wheel.schedule(alarm, at(milliseconds{10}));

  advance(milliseconds{1'050});
  EXPECT_EQ(alarm.fired, 0);
  advance(milliseconds{1'100});
  EXPECT_EQ(alarm.fired, 1);
}

TEST_F(TimerWheelTest, FiresNoMoreThanItIsAskedForAndTheRestAtTheNextCall) {
  std::array<Alarm, 5> alarms;
  for (Alarm& alarm : alarms) wheel.schedule(alarm, at(milliseconds{100}));
  const auto fired = [&alarms] {
    int sum = 0;
    for (const Alarm& alarm : alarms) sum += alarm.fired;
    return sum;
  };
  EXPECT_TRUE(wheel.advance(at(milliseconds{100}), 2));
  EXPECT_EQ(fired(), 2);
  alarms[4].cancel();
  wheel.schedule(alarms[3], at(milliseconds{900}));
  EXPECT_FALSE(wheel.advance(at(milliseconds{100}), 2));
  EXPECT_EQ(fired(), 3);
  EXPECT_FALSE(wheel.advance(at(milliseconds{900}), 2));
  EXPECT_EQ(fired(), 4);
}

TEST_F(TimerWheelTest, MovesAnEntryThatIsScheduledAgain) {
  Alarm alarm;
  wheel.schedule(alarm, at(milliseconds{200}));
  wheel.schedule(alarm, at(milliseconds{500}));

  advance(milliseconds{400});
  EXPECT_EQ(alarm.fired, 0);
  advance(milliseconds{500});
  EXPECT_EQ(alarm.fired, 1);
}

TEST_F(TimerWheelTest, ForgetsCancelledAndDestroyedEntries) {
  Alarm cancelled;
  wheel.schedule(cancelled, at(milliseconds{100}));
  cancelled.cancel();
  EXPECT_FALSE(cancelled.is_scheduled());
  {
    Alarm destroyed;
    destroyed.call = [] { FAIL(); };
    wheel.schedule(destroyed, at(milliseconds{100}));
  }

  advance(milliseconds{1'000});
  EXPECT_EQ(cancelled.fired, 0);
}

TEST_F(TimerWheelTest, LetsAnEntryRescheduleItself) {
  Alarm alarm;
  int now = 0;
  alarm.call = [&] { wheel.schedule(alarm, at(milliseconds{now + 300})); };
  wheel.schedule(alarm, at(milliseconds{300}));

  for (; now <= 3'000; now += 100) advance(milliseconds{now});

  EXPECT_EQ(alarm.fired, 10);
}

TEST_F(TimerWheelTest, LetsAnEntryDestroyItselfAndOthersThatAreDueWithIt) {
  auto first = std::make_unique<Alarm>();
  auto second = std::make_unique<Alarm>();
  int fired = 0;
  first->call = [&] {
    ++fired;
    second.reset();
    first.reset();
  };
  second->call = [&] { ++fired; };
  wheel.schedule(*first, at(milliseconds{100}));
  wheel.schedule(*second, at(milliseconds{100}));

  advance(milliseconds{200});

  EXPECT_EQ(fired, 1);
  EXPECT_EQ(second, nullptr);
}

TEST_F(TimerWheelTest, CatchesUpAfterALongPauseInOneCall) {
  std::vector<std::unique_ptr<Alarm>> alarms;
  for (int i = 1; i <= 3'000; ++i) {
    alarms.push_back(std::make_unique<Alarm>());
    wheel.schedule(*alarms.back(), at(milliseconds{i * 100}));
  }

  advance(milliseconds{250'000});

  for (int i = 1; i <= 3'000; ++i) ASSERT_EQ(alarms[static_cast<std::size_t>(i - 1)]->fired, i <= 2'500 ? 1 : 0) << i;
}

TEST(TimerWheel, MayEndBeforeItsEntries) {
  Alarm alarm;
  {
    TimerWheel wheel(SteadyTime{});
    wheel.schedule(alarm, SteadyTime{} + milliseconds{100});
  }
  EXPECT_FALSE(alarm.is_scheduled());
}

}  // namespace
}  // namespace nx::runtime
