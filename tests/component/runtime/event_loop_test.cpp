#include "runtime/event_loop.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <functional>
#include <future>
#include <system_error>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>
#include <sys/socket.h>

namespace nx::runtime {
namespace {

using std::chrono::milliseconds;

class Pair {
 public:
  Pair() {
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds_) != 0)
      throw std::system_error(errno, std::generic_category());
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  ~Pair() {
    for (const int fd : fds_) ::close(fd);
  }
  int ours() const { return fds_[0]; }
  void poke() const { ASSERT_EQ(::write(fds_[1], "x", 1), 1); }

 private:
  int fds_[2]{};
};

struct Handler final : IoHandler {
  std::function<void(std::uint32_t)> call;
  int calls = 0;
  void on_ready(std::uint32_t ready) override {
    ++calls;
    if (call) call(ready);
  }
};

void take_byte(int fd) {
  char byte = 0;
  EXPECT_EQ(::read(fd, &byte, 1), 1);
}

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

TEST(EventLoop, TellsReadinessAsOftenAsItLasts) {
  EventLoop loop("loop");
  const Pair pair;
  Handler handler;
  handler.call = [&](std::uint32_t ready) {
    EXPECT_EQ(ready, Ready::kRead);
    if (handler.calls < 3) return;
    take_byte(pair.ours());
    loop.stop();
  };
  loop.watch(pair.ours(), handler, Ready::kRead);
  pair.poke();

  loop.run();

  EXPECT_EQ(handler.calls, 3);
  loop.unwatch(pair.ours(), handler);
}

/// Whether all of 600 that are ready were served when the first turn ended. They stay ready, and the loop ends.
bool serves_all_in_one_turn() {
  constexpr std::size_t kMany = 600;
  EventLoop loop("loop");
  std::vector<Pair> pairs(kMany);
  std::vector<Handler> handlers(kMany);
  for (std::size_t i = 0; i < kMany; ++i) {
    pairs[i].poke();
    loop.watch(pairs[i].ours(), handlers[i], Ready::kRead);
  }
  std::size_t served = 0;
  loop.at_turn_end([&] {
    if (served == 0) served = kMany - static_cast<std::size_t>(std::ranges::count(handlers, 0, &Handler::calls));
  });
  loop.post([&] { loop.stop(); });
  loop.run();
  return served == kMany;
}

TEST(EventLoop, ServesAllThatIsReadyBeforeATurnEndsButNotWithoutEnd) {
  bool all = false;
  for (int attempt = 0; attempt < 100 && !all; ++attempt) all = serves_all_in_one_turn();  // a thread may lose its core
  EXPECT_TRUE(all);
}

TEST(EventLoop, FollowsAChangeOfInterest) {
  EventLoop loop("loop");
  const Pair pair;
  Handler handler;
  std::vector<std::uint32_t> seen;
  handler.call = [&](std::uint32_t ready) {
    seen.push_back(ready);
    if (seen.size() == 1) return loop.rewatch(pair.ours(), handler, Ready::kRead);
    loop.unwatch(pair.ours(), handler);
    loop.stop();
  };
  loop.watch(pair.ours(), handler, Ready::kWrite);
  loop.every(milliseconds{1}, [&] {
    if (seen.size() == 1) pair.poke();
  });

  loop.run();

  EXPECT_EQ(seen, (std::vector{Ready::kWrite, Ready::kRead}));
}

TEST(EventLoop, DoesNotCallAHandlerThatAnotherUnwatchedInTheSameTurn) {
  EventLoop loop("loop");
  const Pair first_pair;
  const Pair second_pair;
  Handler first;
  Handler second;
  const auto end_the_other = [&](int other_fd, Handler& other) {
    return [&loop, other_fd, &other](std::uint32_t) {
      loop.unwatch(other_fd, other);
      loop.stop();
    };
  };
  first.call = end_the_other(second_pair.ours(), second);
  second.call = end_the_other(first_pair.ours(), first);
  loop.watch(first_pair.ours(), first, Ready::kRead);
  loop.watch(second_pair.ours(), second, Ready::kRead);
  first_pair.poke();
  second_pair.poke();

  loop.run();

  EXPECT_EQ(first.calls == 0, second.calls > 0);
  EXPECT_EQ(second.calls == 0, first.calls > 0);
}

TEST(EventLoop, GivesAReusedDescriptorNoEventOfItsPredecessor) {
  EventLoop loop("loop");
  const Pair trigger;
  const Pair quiet;
  auto doomed_pair = std::make_unique<Pair>();
  Handler newcomer;
  auto doomed = std::make_unique<Handler>();
  Handler reaper;
  const int reused = doomed_pair->ours();
  // Whichever of the two is called first, the doomed one ends with its descriptor, whose number then belongs to a quiet
  // socket.
  const auto reap = [&](std::uint32_t) {
    if (!doomed) return;
    loop.unwatch(reused, *doomed);
    doomed_pair.reset();
    ASSERT_EQ(::dup2(quiet.ours(), reused), reused);
    loop.watch(reused, newcomer, Ready::kRead);
    doomed.reset();
    loop.unwatch(trigger.ours(), reaper);
    loop.post([&] { loop.post([&] { loop.stop(); }); });
  };
  reaper.call = reap;
  loop.watch(trigger.ours(), reaper, Ready::kRead);
  loop.watch(reused, *doomed, Ready::kRead);
  trigger.poke();
  doomed_pair->poke();

  loop.run();

  EXPECT_EQ(newcomer.calls, 0);
  ::close(reused);
}

TEST(EventLoop, LetsAHandlerDestroyItself) {
  EventLoop loop("loop");
  const Pair pair;
  auto handler = std::make_unique<Handler>();
  handler->call = [&](std::uint32_t) {
    loop.unwatch(pair.ours(), *handler);
    loop.stop();
    std::function<void(std::uint32_t)> alive =
        std::move(handler->call);  // the callable outlives its owner until it returns
    loop.post([&handler, keep = std::move(alive)] { handler.reset(); });
  };
  loop.watch(pair.ours(), *handler, Ready::kRead);
  pair.poke();
  loop.run();
  EXPECT_EQ(handler, nullptr);
}

TEST(EventLoop, RefusesADescriptorItCanNotWatch) {
  EventLoop loop("loop");
  Handler handler;
  EXPECT_THROW(loop.watch(-1, handler, Ready::kRead), std::system_error);
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
