#include "runtime/blocking_pool.hpp"

#include <future>
#include <latch>
#include <set>

#include <gtest/gtest.h>

namespace nx::runtime {
namespace {

struct Connection {
  int number = 0;
};

TEST(BlockingPool, GivesEachThreadItsOwnResource) {
  std::atomic<int> made{0};
  std::latch both_busy(2);
  std::mutex mutex;
  std::set<int> used;
  {
    BlockingPool<Connection> pool("pool", 2, 10, [&] { return Connection{++made}; });
    for (int i = 0; i < 2; ++i) {
      ASSERT_TRUE(pool.submit([&](Connection& connection) {
        both_busy.arrive_and_wait();
        const std::lock_guard lock(mutex);
        used.insert(connection.number);
      }));
    }
  }
  EXPECT_EQ(used, (std::set<int>{1, 2}));
}

TEST(BlockingPool, RefusesWhatItsQueueCanNotHoldAndTakesWorkAgainLater) {
  std::promise<void> go;
  const std::shared_future<void> released = go.get_future().share();
  std::promise<void> started;
  std::promise<void> drained;
  BlockingPool<Connection> pool("pool", 1, 2, [] { return Connection{}; });
  ASSERT_TRUE(pool.submit([&](Connection&) {
    started.set_value();
    released.wait();
  }));
  started.get_future().wait();

  EXPECT_TRUE(pool.submit([](Connection&) {}));
  EXPECT_TRUE(pool.submit([&](Connection&) { drained.set_value(); }));
  EXPECT_FALSE(pool.submit([](Connection&) { FAIL(); }));

  go.set_value();
  drained.get_future().wait();
  EXPECT_TRUE(pool.submit([](Connection&) {}));
}

TEST(BlockingPool, WhatHasWaitedTooLongIsTurnedAway) {
  std::promise<void> go, started;
  const std::shared_future<void> released = go.get_future().share();
  std::vector<std::string> done;
  {
    BlockingPool<Connection> pool(
        "pool", 1, 10, [] { return Connection{}; }, std::chrono::milliseconds{20});
    ASSERT_TRUE(pool.submit([&](Connection&) {
      started.set_value();
      released.wait();
    }));
    started.get_future().wait();
    ASSERT_TRUE(pool.submit([&](Connection&) { done.emplace_back("run"); }, [&] { done.emplace_back("too late"); }));
    ASSERT_TRUE(pool.submit([&](Connection&) { done.emplace_back("patient"); }));
    std::this_thread::sleep_for(std::chrono::milliseconds{40});
    go.set_value();
  }
  EXPECT_EQ(done, (std::vector<std::string>{"too late", "patient"}));
}

TEST(BlockingPool, RunsWhatIsQueuedInOrderBeforeItEnds) {
  std::vector<int> order;
  {
    BlockingPool<Connection> pool("a-name-longer-than-the-kernel-takes", 1, 100, [] { return Connection{}; });
    for (int i = 0; i < 50; ++i) {
      ASSERT_TRUE(pool.submit([&order, i](Connection&) { order.push_back(i); }));
    }
  }
  ASSERT_EQ(order.size(), 50U);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(BlockingPool, AnAbandonedOneEndsAfterTheJobsInHand) {
  std::promise<void> go;
  const std::shared_future<void> released = go.get_future().share();
  std::promise<void> started;
  std::atomic<int> ran{0};
  {
    BlockingPool<Connection> pool("pool", 1, 10, [] { return Connection{}; });
    ASSERT_TRUE(pool.submit([&](Connection&) {
      started.set_value();
      released.wait();
      ++ran;
    }));
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(pool.submit([&](Connection&) { ++ran; }));
    started.get_future().wait();

    pool.abandon();

    EXPECT_FALSE(pool.submit([&](Connection&) { ++ran; }));
    go.set_value();
  }
  EXPECT_EQ(ran, 1);
}

TEST(BlockingPool, WhatTakesLongHasHalfOfTheThreads) {
  std::promise<void> go;
  const std::shared_future<void> released = go.get_future().share();
  std::atomic<int> running{0}, most{0};
  std::latch two_run(2);
  BlockingPool<Connection> pool("pool", 4, 100, [] { return Connection{}; });
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(pool.submit(
        [&, i](Connection&) {
          most = std::max(most.load(), ++running);
          if (i < 2) two_run.count_down();
          released.wait();
          --running;
        },
        JobKind::slow));
  }
  two_run.wait();

  // All others are served meanwhile, also those that came later.
  std::latch served(8);
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(pool.submit([&](Connection&) { served.count_down(); }));
  }
  served.wait();
  EXPECT_EQ(running, 2);
  go.set_value();
  std::promise<void> last;
  ASSERT_TRUE(pool.submit([&](Connection&) { last.set_value(); }, JobKind::slow));
  last.get_future().wait();
  EXPECT_EQ(most, 2);
}

TEST(BlockingPool, TheSlowLaneHasAShortQueueOfItsOwn) {
  std::promise<void> go;
  const std::shared_future<void> released = go.get_future().share();
  std::promise<void> started;
  BlockingPool<Connection> pool("pool", 1, 32, [] { return Connection{}; });
  ASSERT_TRUE(pool.submit(
      [&](Connection&) {
        started.set_value();
        released.wait();
      },
      JobKind::slow));
  started.get_future().wait();
  EXPECT_TRUE(pool.submit([](Connection&) {}, JobKind::slow));
  EXPECT_TRUE(pool.submit([](Connection&) {}, JobKind::slow));
  EXPECT_FALSE(pool.submit([](Connection&) {}, JobKind::slow));
  EXPECT_TRUE(pool.submit([](Connection&) {}));
  go.set_value();
}

TEST(BlockingPool, RunsWhatIsQueuedInBothLanesBeforeItEnds) {
  std::atomic<int> run{0};
  {
    BlockingPool<Connection> pool("pool", 2, 1'000, [] { return Connection{}; });
    for (int i = 0; i < 40; ++i) {
      ASSERT_TRUE(pool.submit([&](Connection&) { ++run; }, i % 2 == 0 ? JobKind::slow : JobKind::quick));
    }
  }
  EXPECT_EQ(run, 40);
}

TEST(BlockingPool, AbandonDropsBothLanes) {
  std::promise<void> go;
  const std::shared_future<void> released = go.get_future().share();
  std::promise<void> started;
  std::atomic<int> run{0};
  {
    BlockingPool<Connection> pool("pool", 1, 100, [] { return Connection{}; });
    ASSERT_TRUE(pool.submit([&](Connection&) {
      started.set_value();
      released.wait();
    }));
    started.get_future().wait();
    ASSERT_TRUE(pool.submit([&](Connection&) { ++run; }, JobKind::slow));
    ASSERT_TRUE(pool.submit([&](Connection&) { ++run; }));
    pool.abandon();
    EXPECT_FALSE(pool.submit([](Connection&) {}, JobKind::slow));
    go.set_value();
  }
  EXPECT_EQ(run, 0);
}

}  // namespace
}  // namespace nx::runtime
