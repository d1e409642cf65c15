#include "delivery/relay.hpp"

#include <array>
#include <unistd.h>

#include <gtest/gtest.h>

#include "contract/hint_message.hpp"
#include "fanout/shards.hpp"
#include "json/value.hpp"
#include "unit/delivery/fakes.hpp"

namespace nx::delivery::testing {
namespace {

const fanout::Presence::LastReceived kNow{};

class RelayTest : public ::testing::Test {
 protected:
  RelayTest() {
    shards.add([this] { ++woken; });
    shards.presence().add_user({"u1"}, {{1, 1}, 0}, kNow, 0);
    shards.presence().count_open(0, 1);
  }
  std::vector<fanout::Delivery> taken() {
    std::vector<fanout::Delivery> out;
    shards.mailbox(0).take(out);
    return out;
  }

  int woken = 0;
  fanout::Shards shards;
  fanout::FanOut fan_out{shards};
  Relay relay{{.server_id = "me", .max_push_bytes = 200}, fan_out, kQuiet};
};

TEST_F(RelayTest, TakesAFrameToWhomTheEnvelopeNames) {
  relay(R"({"serverId":"emitter","type":"user","target":"u1","event":"e","data":{"a": 1}})");

  const auto got = taken();
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].connections, (std::vector<fanout::SlotKey>{{1, 1}}));
  EXPECT_EQ(*got[0].text, R"({"event":"e","data":{"a": 1}})");
  EXPECT_EQ(relay.stats().relayed.value(), 1U);
}

TEST_F(RelayTest, CountsHalvesOfCharacters) {
  relay(R"({"serverId":"emitter","type":"user","target":"u1","event":"e","data":"\ud83d"})");

  EXPECT_EQ(*taken().at(0).text, R"({"event":"e","data":"\ufffd"})");
  EXPECT_EQ(relay.stats().replaced.value(), 1U);
}

TEST_F(RelayTest, AHintOfOneUserGoesAsAHint) {
  relay(contract::user_hint_envelope("other", {"u1"}, R"({"event":"e","data":{})", 5, 2, {99}));

  const auto got = taken();
  ASSERT_EQ(got.size(), 1U);
  ASSERT_EQ(got[0].hints.size(), 1U);
  EXPECT_EQ(got[0].hints[0].seq, 5);
  EXPECT_EQ(got[0].hints[0].unread, 2);
  EXPECT_EQ(got[0].origin.recorded, EpochMs{99});
  EXPECT_EQ(*got[0].text, R"({"event":"e","data":{})");
}

TEST_F(RelayTest, AMessageForManyReachesThoseWhoAreHere) {
  contract::UsersMessage message("other", {99});
  message.add({"somebody"}, 1, 1);
  message.add({"u1"}, 5, 2);

  relay.to_users(message.finish(R"({"event":"e","data":{"long":")" + std::string(1'000, 'x') + "\"}"));

  const auto got = taken();
  ASSERT_EQ(got.size(), 1U);
  ASSERT_EQ(got[0].hints.size(), 1U);
  EXPECT_EQ(got[0].hints[0].seq, 5);
  EXPECT_EQ(got[0].origin.recorded, EpochMs{99});
  EXPECT_TRUE(got[0].text->starts_with(R"({"event":"e","data":{"long":")"));
  EXPECT_TRUE(got[0].text->ends_with("x\"}"));
}

TEST_F(RelayTest, AHintMayBeAsDeepAsTheMessageOfWhichItCame) {
  const std::size_t depth = json::ReadLimits{}.max_depth;  // of the Kafka message; its data and extra are deeper here
  const std::string deep = std::string(depth, '[') + std::string(depth, ']');
  contract::UsersMessage message("other", {99});
  message.add({"u1"}, 5, 2);

  relay.to_users(message.finish(R"({"event":"e","data":{"extra":{"deep":)" + deep + "}}"));

  ASSERT_EQ(taken().size(), 1U);
  EXPECT_EQ(relay.stats().malformed.value(), 0U);
}

TEST_F(RelayTest, AMessageForManyWakesNobodyWhenNoneIsHere) {
  contract::UsersMessage message("other", {99});
  for (int i = 0; i < 1'000; ++i) message.add({"nobody" + std::to_string(i)}, 1, 1);

  relay.to_users(message.finish(R"({"event":"e","data":{})"));

  EXPECT_EQ(woken, 0);
  EXPECT_EQ(relay.stats().nobody.value(), 1U);
}

TEST_F(RelayTest, SkipsItsOwnMessages) {
  relay(R"({"serverId":"me","type":"broadcast","event":"e"})");
  contract::UsersMessage message("me", {99});
  message.add({"u1"}, 5, 2);
  relay.to_users(message.finish(R"({"event":"e","data":{})"));

  EXPECT_EQ(woken, 0);
  EXPECT_EQ(relay.stats().own.value(), 2U);
}

TEST_F(RelayTest, DropsAndCountsWhatIsMalformed) {
  relay("not json");
  relay("null");
  relay(R"({"serverId":"emitter","type":"user","event":"e"})");
  relay.to_users("not json");
  relay.to_users(R"({"serverId":"x","recorded":1,"users":["u1",1],"hint":{}})");
  relay.to_users(R"({"serverId":"x","recorded":1,"users":["u1",1,1],"hint":{"event":"\ud800"}})");

  EXPECT_EQ(woken, 0);
  EXPECT_EQ(relay.stats().malformed.value(), 6U);
}

TEST_F(RelayTest, TakesAMessageOfTheLimitAndDropsALargerOne) {
  const std::string start = R"({"serverId":"x","type":"broadcast","event":"e","data":")";
  const std::string fits = start + std::string(200 - start.size() - 2, 'a') + "\"}";
  ASSERT_EQ(fits.size(), 200U);

  relay(fits);
  relay(start + std::string(200 - start.size() - 1, 'a') + "\"}");
  relay.skipped(1U << 20U);

  EXPECT_EQ(taken().size(), 1U);
  EXPECT_EQ(relay.stats().too_large.value(), 2U);
}

TEST(RelayLog, SaysAtMostOnceASecondThatMessagesWereDropped) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  {
    const observe::Logger log{{.level = observe::Level::warn, .fd = ends[1]}};
    fanout::Shards nowhere;
    fanout::FanOut fan_out{nowhere};
    Relay relay{{.server_id = "me"}, fan_out, log};
    for (int i = 0; i < 50; ++i) relay("secret text");
  }
  ::close(ends[1]);
  std::string written(4096, '\0');
  const ssize_t size = ::read(ends[0], written.data(), written.size());
  ::close(ends[0]);
  ASSERT_GT(size, 0);
  written.resize(static_cast<std::size_t>(size));

  // Fifty messages can at most straddle one second's border.
  EXPECT_LE(std::count(written.begin(), written.end(), '\n'), 2);
  EXPECT_EQ(written.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace nx::delivery::testing
