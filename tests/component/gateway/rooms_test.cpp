#include <mutex>

#include "gateway_fixture.hpp"

namespace nx::gateway {

namespace {

std::vector<std::vector<RoomName>> all_of(const std::vector<session::RoomsQuestion>& questions) {
  std::vector<std::vector<RoomName>> rooms;
  for (const session::RoomsQuestion& question : questions) rooms.push_back(question.rooms);
  return rooms;
}

/// Questions that wait until the test answers them.
struct Questions {
  std::mutex mutex;
  std::size_t asked = 0;
  std::function<void()> answer;

  std::size_t count() {
    const std::lock_guard lock(mutex);
    return asked;
  }
  void answer_last() {
    const std::lock_guard lock(mutex);
    answer();
  }
};

}  // namespace
using RoomsTest = GatewayTest;

TEST_F(RoomsTest, RoomsThatTheDatabaseSaysNothingAboutAreClosedAndOpenedWhenItDoes) {
  auto answers = std::make_shared<std::atomic<bool>>(true);
  lookups.allowed_rooms = [answers](const std::vector<session::RoomsQuestion>& questions, runtime::EventLoop& loop,
                                    const auto& done) {
    if (!*answers) return loop.post([done] { done(fail(ErrorKind::unavailable, "statement time-out")); });
    loop.post([done, rooms = all_of(questions)] { done(rooms); });
  };
  options.session.room_check_interval = std::chrono::milliseconds(200);
  start();
  TestClient one = client();
  one.patience = std::chrono::milliseconds(50);
  const auto receives = [&] {
    gateway->fan_out().to_room({"org:1"}, payload("in"));
    return one.receive() == "in";
  };
  one.say(R"({"event":"join","data":{"rooms":["org:1","merchant:2"]}})");
  ASSERT_TRUE(eventually(receives));

  *answers = false;
  EXPECT_TRUE(eventually([&] { return gateway->stats().rooms_closed == 2; }));
  EXPECT_GE(gateway->stats().room_checks_failed, 1U);
  while (one.receive() != "end") {
  }
  EXPECT_FALSE(receives());

  *answers = true;
  EXPECT_TRUE(eventually(receives)) << "the client need not ask again";
}

TEST_F(RoomsTest, ARoundOfChecksThatTakesLongerThanAPeriodIsFollowedByTheNextAtOnce) {
  auto questions = std::make_shared<Questions>();
  lookups.allowed_rooms = [questions](const std::vector<session::RoomsQuestion>& asked, runtime::EventLoop& loop,
                                      const auto& done) {
    const std::lock_guard lock(questions->mutex);
    questions->answer = [&loop, rooms = all_of(asked), done] { loop.post([rooms, done] { done(rooms); }); };
    ++questions->asked;
  };
  options.session.room_check_interval = std::chrono::milliseconds(2'000);
  start();
  TestClient one = client();
  one.say(R"({"event":"join","data":{"rooms":["org:1"]}})");
  ASSERT_TRUE(eventually([&] { return questions->count() == 1; }));
  questions->answer_last();
  ASSERT_TRUE(eventually([&] { return questions->count() == 2; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(2'200));  // the next round was due
  questions->answer_last();
  const auto answered = std::chrono::steady_clock::now();
  ASSERT_TRUE(eventually([&] { return questions->count() == 3; }));
  EXPECT_LT(std::chrono::steady_clock::now() - answered, std::chrono::milliseconds(1'500)) << "not a period later";
  questions->answer_last();
}

TEST_F(RoomsTest, ACatchUpThatTheDatabaseDoesNotAnswerIsCounted) {
  lookups.missed = [](const UserId&, std::int64_t, std::size_t, runtime::EventLoop& loop, const auto& done) {
    loop.post([done] { done(fail(ErrorKind::unavailable, "away")); });
  };
  start();
  TestClient one = client("\"u1\"", ",\"since\":10");
  EXPECT_NE(one.receive().find("\"complete\":false"), std::string::npos);
  EXPECT_EQ(gateway->stats().catch_ups_unanswered, 1U);
}

}  // namespace nx::gateway
