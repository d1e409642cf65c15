// What clients are sent after a gap of the bus, and what is not sent a second time.

#include <algorithm>
#include <limits>
#include <mutex>
#include <set>
#include <thread>

#include "gateway_fixture.hpp"
#include "runtime/timer_wheel.hpp"

namespace nx::gateway {

class LateHintsTest : public GatewayTest {
 protected:
  using Done = std::function<void(Result<std::vector<std::vector<session::RecentHint>>>)>;

  LateHintsTest() {
    options.workers = 1;
    lookups.recent = [this](const std::vector<UserId>& users, EpochMs since, runtime::EventLoop& home, Done done) {
      const std::lock_guard lock(mutex_);
      asked_.push_back(users.size());
      for (const UserId& user : users) {
        if (asked_.size() <= 2) users_.insert(user.value);
      }
      since_ = since;
      if (flaps_ > 0) {
        --flaps_;
        gateway->push_late_hints(since);
      }
      if (asked_.size() <= unanswered_) return home.post([done] { done(fail(ErrorKind::unavailable, "away")); });
      held_ = [&home, done, answer = std::vector(std::min(users.size(), most_), stored_)] {
        home.post([done, answer] { done(answer); });
      };
      if (!holds_) std::exchange(held_, nullptr)();
    };
  }

  void store(std::vector<session::RecentHint> hints) {
    const std::lock_guard lock(mutex_);
    stored_ = std::move(hints);
  }
  std::vector<std::size_t> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  /// Of the first two questions.
  std::size_t users() {
    const std::lock_guard lock(mutex_);
    return users_.size();
  }
  EpochMs since() {
    const std::lock_guard lock(mutex_);
    return since_;
  }
  /// Answers the question that waits, and the later ones at once.
  void answer() {
    const std::lock_guard lock(mutex_);
    holds_ = false;
    std::exchange(held_, nullptr)();
  }
  std::vector<TestClient> clients(std::size_t count) {
    std::vector<TestClient> made;
    for (std::size_t i = 0; i < count; ++i) made.push_back(client("\"user-" + std::to_string(i) + "\""));
    return made;
  }

  // Set before the first question:
  std::size_t unanswered_ = 0;                                  // the first questions
  std::size_t flaps_ = 0;                                       // how often the bus is lost again during a question
  std::size_t most_ = std::numeric_limits<std::size_t>::max();  // clients in an answer
  bool holds_ = false;                                          // until answer()

 private:
  std::mutex mutex_;  // guards the members below and, from the first question on, those above
  std::vector<session::RecentHint> stored_;
  std::vector<std::size_t> asked_;
  std::set<std::string> users_;
  std::function<void()> held_;
  EpochMs since_;
};

TEST_F(LateHintsTest, AClientIsSentWhatItWasNotSentSinceItConnected) {
  start();
  TestClient one = client();
  gateway->fan_out().hint(payload("{"), {{{"u1"}, 2, 1}}, {now_wall()});
  EXPECT_EQ(one.receive(), R"({,"seq":2,"unread":1})");
  const EpochMs by_another_clock{now_wall().value - 10'000};
  store({{1, {1}, "older than the connection"}, {2, now_wall(), "sent before"}, {3, by_another_clock, "lost"}});

  for (const std::uint64_t round : {1U, 2U}) {
    gateway->push_late_hints({500});
    ASSERT_TRUE(eventually([&] { return asked().size() == round; }));
    if (round == 1) {
      EXPECT_EQ(one.receive(), "lost");
    }
    gateway->fan_out().to_everyone(payload("live"));
    EXPECT_EQ(one.receive(), "live");
  }
  EXPECT_EQ(since(), EpochMs{500});
  EXPECT_EQ(gateway->stats().late_hints, 1U);
}

TEST_F(LateHintsTest, EachQuestionIsAboutAFewUsersAndAFailedOneIsAskedAgain) {
  constexpr std::size_t kClients = 40;
  unanswered_ = 2;
  start();
  const std::vector<TestClient> all = clients(kClients);
  store({{1, now_wall(), "lost"}});

  gateway->push_late_hints({0});

  ASSERT_TRUE(eventually([&] { return gateway->stats().late_hints == kClients; }));
  constexpr std::size_t kPiece = session::kUsersPerQuestion;
  EXPECT_EQ(asked(), (std::vector{kPiece, kPiece, kPiece, kClients - kPiece}));
}

TEST_F(LateHintsTest, TheNextQuestionBeginsAtTheFirstClientThatTheAnswerLeftOut) {
  constexpr std::size_t kClients = 40;
  most_ = 20;
  start();
  std::vector<TestClient> all = clients(kClients);
  store({{1, now_wall(), "lost"}});

  gateway->push_late_hints({0});

  for (TestClient& one : all) EXPECT_EQ(one.receive(), "lost");
  EXPECT_EQ(asked(), (std::vector{session::kUsersPerQuestion, kClients - most_}));
  EXPECT_EQ(gateway->stats().late_hints, kClients);
}

TEST_F(LateHintsTest, ABusThatIsLostAgainDoesNotKeepTheRoundAtItsFirstClients) {
  constexpr std::size_t kClients = 40;
  flaps_ = 1;
  start();
  const std::vector<TestClient> all = clients(kClients);

  gateway->push_late_hints({0});

  ASSERT_TRUE(eventually([&] { return asked().size() >= 2; }));
  EXPECT_EQ(users(), kClients);
}

TEST_F(LateHintsTest, OneShardAtATimeAsks) {
  options.workers = 2;
  holds_ = true;
  start();
  const std::vector<TestClient> all = clients(4);
  store({{1, now_wall(), "lost"}});

  gateway->push_late_hints({0});

  ASSERT_TRUE(eventually([&] { return asked().size() == 1; }));
  std::this_thread::sleep_for(4 * runtime::TimerWheel::kGranularity);
  EXPECT_EQ(asked().size(), 1U);
  answer();
  ASSERT_TRUE(eventually([&] { return gateway->stats().late_hints == all.size(); }));
  EXPECT_EQ(asked().size(), 2U);
}

}  // namespace nx::gateway
