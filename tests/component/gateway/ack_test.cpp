// Acks of clients on their way to the database: in batches, and again while it is away.

#include <mutex>

#include "gateway_fixture.hpp"

namespace nx::gateway {

class AckTest : public GatewayTest {
 protected:
  AckTest() {
    options.workers = 1;
    lookups.acknowledge = [this](std::vector<Acknowledgement> batch, runtime::EventLoop& loop,
                                 std::function<void(Result<void>)> answer) {
      const std::lock_guard lock(mutex_);
      ++batches_;
      Result<void> done{};
      if (away_) {
        done = fail(ErrorKind::unavailable, "away");
      } else {
        for (Acknowledgement& one : batch) written_.push_back(std::move(one));
      }
      loop.post([answer = std::move(answer), done] { answer(done); });
    };
  }
  ~AckTest() override { gateway.reset(); }

  static std::string ack(std::int64_t up_to) {
    return R"({"event":"ack","data":{"upTo":)" + std::to_string(up_to) + "}}";
  }
  void away(bool is_away) {
    const std::lock_guard lock(mutex_);
    away_ = is_away;
  }
  int batches() {
    const std::lock_guard lock(mutex_);
    return batches_;
  }
  std::vector<Acknowledgement> written() {
    const std::lock_guard lock(mutex_);
    return written_;
  }

 private:
  std::mutex mutex_;  // guards the rest: asked on the shards, looked at by the test
  std::vector<Acknowledgement> written_;
  int batches_ = 0;
  bool away_ = false;
};

TEST_F(AckTest, ManyFramesBecomeOneBatch) {
  start();
  TestClient first = client("\"u1\"");
  TestClient second = client("\"u2\"");
  for (int i = 1; i <= 20; ++i) {
    first.say(ack(i));
    second.say(second.seal(ack(i)));
  }
  ASSERT_TRUE(eventually([&] { return written().size() >= 2; }));
  EXPECT_EQ(gateway->stats().acks, 40U);
  EXPECT_LE(batches(), 3) << "one, or a few on a machine that is slow";
  for (const Acknowledgement& one : written()) EXPECT_EQ(one.above, one.up_to == 20 ? one.above : 0);
  EXPECT_TRUE(eventually([&] { return gateway->stats().queued_bytes == 0; }));
  EXPECT_EQ(gateway->stats().acks_dropped, 0U);
}

TEST_F(AckTest, WhileTheDatabaseIsAwayTheyWaitWithinTheirBound) {
  options.session.messages_per_second = 0;
  away(true);
  start();
  TestClient one = client("\"u1\"");
  one.say(ack(500));
  one.say(ack(1'000));
  one.say(ack(1'500));  // beyond what one user may have waiting
  ASSERT_TRUE(eventually([&] { return gateway->stats().acks_dropped == 1; }));
  ASSERT_TRUE(eventually([&] { return batches() >= 1; }));
  EXPECT_GT(gateway->stats().held_bytes[static_cast<std::size_t>(HeldKind::acks)], 0U);
  away(false);
  ASSERT_TRUE(eventually([&] { return written().size() == 2; }));
  EXPECT_TRUE(eventually([&] { return gateway->stats().held_bytes[static_cast<std::size_t>(HeldKind::acks)] == 0; }));
  one.say(ack(1'500));
  ASSERT_TRUE(eventually([&] { return written().size() == 3; }));
  EXPECT_EQ(written()[2].above, 1'000);
}

TEST_F(AckTest, WhatWaitsIsWrittenBeforeTheEnd) {
  start();
  TestClient one = client("\"u1\"");
  one.say(ack(7));
  ASSERT_TRUE(eventually([&] { return gateway->stats().acks == 1; }));
  gateway->stop();
  ASSERT_EQ(written().size(), 1U);
  EXPECT_EQ(written()[0].up_to, 7);
}

TEST_F(AckTest, WithoutADatabaseAnAckIsCountedAndForgotten) {
  lookups.acknowledge = nullptr;
  start();
  TestClient one = client("\"u1\"");
  one.say(ack(7));
  one.say(R"({"event":"ping"})");
  EXPECT_TRUE(one.receive().starts_with(R"({"event":"pong")"));
  EXPECT_EQ(gateway->stats().acks_dropped, 1U);
}

}  // namespace nx::gateway
