// What clients are sent after a gap of the bus, and what is not sent a second time.

#include <algorithm>
#include <mutex>
#include <numeric>

#include "gateway_fixture.hpp"

namespace nx::gateway {

class LateHintsTest : public GatewayTest {
 protected:
  LateHintsTest() {
    options.workers = 1;
    lookups.recent = [this](const std::vector<UserId>& users, EpochMs since, runtime::EventLoop& home,
                            const auto& done) {
      const std::lock_guard lock(mutex_);
      asked_.push_back(users.size());
      since_ = since;
      if (asked_.size() <= unanswered_) return home.post([done] { done(fail(ErrorKind::unavailable, "away")); });
      home.post([done, answer = std::vector(users.size(), stored_)] { done(answer); });
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
  EpochMs since() {
    const std::lock_guard lock(mutex_);
    return since_;
  }

  std::size_t unanswered_ = 0;  // the first questions

 private:
  std::mutex mutex_;  // guards the members below
  std::vector<session::RecentHint> stored_;
  std::vector<std::size_t> asked_;
  EpochMs since_;
};

TEST_F(LateHintsTest, AClientIsSentWhatItWasNotSentSinceItConnected) {
  start();
  TestClient one = client();
  gateway->fan_out().hint(payload("{"), {{{"u1"}, 2, 1}}, {now_wall()});
  EXPECT_EQ(one.receive(), R"({,"seq":2,"unread":1})");
  store({{1, {1}, "older than the connection"}, {2, now_wall(), "sent before"}, {3, now_wall(), "lost"}});

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

TEST_F(LateHintsTest, EachQuestionIsAboutAFewUsersAndAFailedOneIsLeftOut) {
  constexpr std::size_t kClients = 40;
  unanswered_ = 1;
  start();
  std::vector<TestClient> clients;
  for (std::size_t i = 0; i < kClients; ++i) clients.push_back(client("\"user-" + std::to_string(i) + "\""));
  store({{1, now_wall(), "lost"}});

  gateway->push_late_hints({0});

  const std::size_t rest = kClients - session::kUsersPerQuestion;
  ASSERT_TRUE(eventually([&] { return gateway->stats().late_hints == rest; }));
  EXPECT_EQ(asked(), (std::vector{session::kUsersPerQuestion, rest}));
}

}  // namespace nx::gateway
