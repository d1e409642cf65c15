#include "delivery/hint_push.hpp"

#include <gtest/gtest.h>

#include "delivery/room_patience.hpp"
#include "fanout/shards.hpp"

namespace nx::delivery {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct Hints {
  explicit Hints(BusHints bus) : push(push_hint(fan_out, std::move(bus))) {}
  void operator()(int count) {
    const auto head = std::make_shared<const std::string>(R"({"event":"e","data":{})");
    for (int i = 0; i < count; ++i) push(head, {{{"u1"}, i + 1, 1}}, {EpochMs{1}});
  }
  fanout::Shards shards;
  fanout::FanOut fan_out{shards};
  PushHint push;
};

// Rows of a batch are committed one batch after the other: what a hint waits, all partitions wait.
TEST(HintPush, ABusThatNeverHasRoomIsWaitedForOnceNotByEachHint) {
  int published = 0;
  Clock::duration granted{0};
  Hints hints({.publish = [&](auto, auto) { ++published; },
               .server_id = "me",
               .wait_for_room =
                   [&](Clock::time_point until) {
                     granted += std::max(until - Clock::now(), Clock::duration{0});
                     return false;
                   }});
  hints(256);
  EXPECT_EQ(published, 256) << "the bus itself drops what it cannot keep";
  EXPECT_LE(granted, RoomPatience::kAtOnce);
}

TEST(HintPush, AfterAWaitInVainOneThatFindsRoomIsWaitedForAgain) {
  bool room = false;
  Clock::duration last{0};
  Hints hints({.publish = [](auto, auto) {},
               .server_id = "me",
               .wait_for_room =
                   [&](Clock::time_point until) {
                     last = until - Clock::now();
                     return room;
                   }});
  hints(2);
  EXPECT_LE(last, Clock::duration{0});
  room = true;
  hints(2);
  EXPECT_GT(last, seconds{1});
}

TEST(HintPushRoomPatience, ABusThatHasRoomSlowlyCostsATenthOfTheTimeInTheEnd) {
  const Clock::time_point begin{};
  Clock::time_point now = begin;
  RoomPatience patience(now);
  Clock::duration waited{0};
  while (now < begin + seconds{600}) {
    const auto until = std::min(patience.until(now), now + milliseconds{1'900});  // room comes after that
    waited += until - now;
    now = until;
    patience.waited(now, true);
    now += milliseconds{10};  // work
  }
  EXPECT_LE(waited, seconds{72});
}

}  // namespace
}  // namespace nx::delivery
