// Tasks, turns and ticks of a loop.

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "component/runtime/watched_pair.hpp"

namespace nx::runtime {
namespace {

using std::chrono::milliseconds;

TEST(EventLoop, RunsTasksOfOneThreadInOrderOnTheHomeThread) {
  EventLoop loop("loop");
  EXPECT_TRUE(loop.is_home());
  std::vector<int> order;
  std::thread home([&] { loop.run(); });
  for (int i = 0; i < 1'000; ++i) {
    loop.post([&, i] {
      EXPECT_TRUE(loop.is_home());
      order.push_back(i);
    });
  }
  loop.stop();
  home.join();

  EXPECT_FALSE(loop.is_home());
  ASSERT_EQ(order.size(), 1'000U);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(EventLoop, TasksThatTakeLongLetWhatIsReadyBeServedBetweenThem) {
  EventLoop loop("loop");
  const Pair pair;
  Handler handler;
  handler.call = [&](std::uint32_t) { take_byte(pair.ours()); };
  loop.watch(pair.ours(), handler, Ready::kRead);
  int between = -1;
  loop.post([&] {
    pair.poke();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  });
  loop.post([&] { between = handler.calls; });
  loop.post([&] { loop.stop(); });
  loop.run();
  EXPECT_EQ(between, 1);
}

TEST(EventLoop, ATurnThatIsAskedForComesAtOnce) {
  EventLoop loop("loop");
  int turns = 0;
  loop.at_turn_end([&] {
    if (++turns < 10) {
      loop.again();
    } else {
      loop.stop();
    }
  });
  loop.post([] {});
  loop.run();
  EXPECT_GE(turns, 10);
}

TEST(EventLoop, LosesNoTaskOfSeveralPostingThreads) {
  EventLoop loop("loop");
  std::atomic<int> run{0};
  std::thread home([&] { loop.run(); });
  {
    std::vector<std::jthread> posters;
    for (int t = 0; t < 4; ++t) {
      posters.emplace_back([&] {
        for (int i = 0; i < 5'000; ++i) loop.post([&] { run.fetch_add(1, std::memory_order_relaxed); });
      });
    }
  }
  loop.stop();
  home.join();
  EXPECT_EQ(run.load(), 20'000);
}

TEST(EventLoop, WakesFromSleepForATaskAndRunsWhatATaskPosts) {
  EventLoop loop("loop");
  std::thread home([&] { loop.run(); });
  for (int i = 0; i < 50; ++i) {
    std::promise<void> done;
    loop.post([&] { loop.post([&] { done.set_value(); }); });
    ASSERT_EQ(done.get_future().wait_for(std::chrono::seconds{100}), std::future_status::ready);
  }
  loop.stop();
  home.join();
}

TEST(EventLoop, DestroysATaskThatIsPostedAfterItsEndUnrun) {
  const auto held = std::make_shared<int>(0);
  {
    EventLoop loop("loop");
    loop.stop();
    loop.run();
    loop.post([held] { FAIL(); });
    EXPECT_EQ(held.use_count(), 2);
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST(EventLoop, TicksNoFasterThanThePeriod) {
  EventLoop loop("loop");
  int ticks = 0;
  const auto start = std::chrono::steady_clock::now();
  loop.every(milliseconds{5}, [&] {
    EXPECT_GE(loop.now() - start, milliseconds{5} * (ticks + 1));
    if (++ticks == 4) loop.stop();
  });
  loop.run();
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds{20});
}

TEST(EventLoop, FlushesOncePerTurnAfterAllTasksOfIt) {
  EventLoop loop("loop");
  int tasks = 0;
  std::vector<int> tasks_at_flush;
  loop.at_turn_end([&] { tasks_at_flush.push_back(tasks); });
  for (int i = 0; i < 3; ++i) loop.post([&] { ++tasks; });
  loop.post([&] {
    loop.post([&] {
      ++tasks;
      loop.stop();
    });
  });

  loop.run();

  EXPECT_EQ(tasks_at_flush, (std::vector{3, 4}));
}

}  // namespace
}  // namespace nx::runtime
