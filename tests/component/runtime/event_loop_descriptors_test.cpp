// Descriptors that a loop watches.

#include <algorithm>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "component/runtime/watched_pair.hpp"

namespace nx::runtime {
namespace {

using std::chrono::milliseconds;

TEST(EventLoopDescriptors, TellsReadinessAsOftenAsItLasts) {
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

TEST(EventLoopDescriptors, ServesAllThatIsReadyBeforeATurnEndsButNotWithoutEnd) {
  bool all = false;
  for (int attempt = 0; attempt < 100 && !all; ++attempt) all = serves_all_in_one_turn();  // a thread may lose its core
  EXPECT_TRUE(all);
}

TEST(EventLoopDescriptors, FollowsAChangeOfInterest) {
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

TEST(EventLoopDescriptors, DoesNotCallAHandlerThatAnotherUnwatchedInTheSameTurn) {
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

TEST(EventLoopDescriptors, GivesAReusedDescriptorNoEventOfItsPredecessor) {
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

TEST(EventLoopDescriptors, LetsAHandlerDestroyItself) {
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

TEST(EventLoopDescriptors, RefusesADescriptorItCanNotWatch) {
  EventLoop loop("loop");
  Handler handler;
  EXPECT_THROW(loop.watch(-1, handler, Ready::kRead), std::system_error);
}

}  // namespace
}  // namespace nx::runtime
