// What a client costs while it catches up: pushes held back count like queued ones.

#include <mutex>

#include "gateway_fixture.hpp"

namespace nx::gateway {

class CatchUpMemoryTest : public GatewayTest {
 protected:
  CatchUpMemoryTest() {
    lookups.missed = [this](const UserId&, std::int64_t, std::size_t, runtime::EventLoop& loop,
                            std::function<void(Result<session::MissedHints>)> answer) {
      const std::lock_guard lock(mutex_);
      unanswered_.push_back([&loop, answer = std::move(answer)] {
        loop.post([answer] { answer(fail(ErrorKind::unavailable, "away")); });
      });
    };
  }
  ~CatchUpMemoryTest() override {
    answer_all();
    gateway.reset();  // its shards ask with the mutex of this test
  }

  void answer_all() {
    const std::lock_guard lock(mutex_);
    for (const auto& answer : std::exchange(unanswered_, {})) answer();
  }

 private:
  std::mutex mutex_;  // guards unanswered_: asked on the shards, answered by the test
  std::vector<std::function<void()>> unanswered_;
};

TEST_F(CatchUpMemoryTest, HeldPushesAreCountedUntilTheyAreSent) {
  start();
  TestClient behind = client("\"behind\"", ",\"since\":0");
  const auto text = payload(std::string(20'000, 'x'));
  for (int i = 0; i < 10; ++i) gateway->fan_out().to_user({"behind"}, text);
  EXPECT_TRUE(eventually([&] { return gateway->stats().queued_bytes >= 10 * text->size(); }));
  answer_all();
  EXPECT_TRUE(behind.receive().starts_with(R"({"event":"caught-up")"));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(behind.receive().size(), text->size());
  EXPECT_TRUE(eventually([&] { return gateway->stats().queued_bytes == 0; }));
}

TEST_F(CatchUpMemoryTest, WhoeverHoldsHalfOfTheTotalTheOthersCatchUp) {
  options.queued_bytes_total = 300'000;
  start();
  TestClient one = client("\"one\""), two = client("\"two\"");
  for (TestClient* holder : {&one, &two}) holder->send_frame(1, std::string(100'000, ' '), false);
  EXPECT_TRUE(eventually([&] { return gateway->stats().queued_bytes > options.queued_bytes_total / 2; }));

  TestClient behind = client("\"behind\"", ",\"since\":0");
  EXPECT_TRUE(eventually([&] {
    answer_all();
    return behind.has_input();
  }));
  EXPECT_TRUE(behind.receive().starts_with(R"({"event":"caught-up")"));
  EXPECT_GT(gateway->stats().queued_bytes, options.queued_bytes_total / 2);
}

TEST_F(CatchUpMemoryTest, OverTheTotalTheOneThatHoldsMostGoesFirst) {
  options.queued_bytes_total = 500'000;
  start();
  TestClient most = client("\"most\"", ",\"since\":0");
  TestClient little = client("\"little\"", ",\"since\":0");
  const auto text = payload(std::string(20'000, 'x'));
  for (int i = 0; i < 5; ++i) gateway->fan_out().to_user({"little"}, text);
  for (int i = 0; i < 25; ++i) gateway->fan_out().to_user({"most"}, text);
  EXPECT_EQ(most.receive(), "close 1013 Slow consumer");
  EXPECT_TRUE(eventually([&] { return gateway->stats().queued_bytes <= options.queued_bytes_total; }));
  answer_all();
  EXPECT_TRUE(little.receive().starts_with(R"({"event":"caught-up")"));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(little.receive().size(), text->size());
}

}  // namespace nx::gateway
