#include "delivery/relay.hpp"

#include <array>
#include <unistd.h>

#include <gtest/gtest.h>

#include "unit/delivery/fakes.hpp"

namespace nx::delivery::testing {
namespace {

struct Relayed {
  contract::BusDestination destination;
  std::string frame;
};

class RelayTest : public ::testing::Test {
 protected:
  std::vector<Relayed> relayed;
  Relay relay{{.server_id = "me", .max_push_bytes = 200},
              [this](const contract::BusDestination& destination, const fanout::Payload& frame) {
                relayed.push_back({destination, *frame});
              },
              kQuiet};
};

TEST_F(RelayTest, TakesAFrameToWhomTheEnvelopeNames) {
  relay(R"({"serverId":"emitter","type":"user","target":"u1","event":"e","data":{"a": 1}})");

  ASSERT_EQ(relayed.size(), 1U);
  EXPECT_EQ(std::get<contract::ToUser>(relayed[0].destination).user.value, "u1");
  EXPECT_EQ(relayed[0].frame, R"({"event":"e","data":{"a":1}})");
  EXPECT_EQ(relay.stats().relayed.value(), 1U);
}

TEST_F(RelayTest, SkipsItsOwnMessages) {
  relay(R"({"serverId":"me","type":"broadcast","event":"e"})");

  EXPECT_TRUE(relayed.empty());
  EXPECT_EQ(relay.stats().own.value(), 1U);
}

TEST_F(RelayTest, DropsAndCountsWhatIsMalformed) {
  relay("not json");
  relay("null");
  relay(R"({"serverId":"emitter","type":"user","event":"e"})");

  EXPECT_TRUE(relayed.empty());
  EXPECT_EQ(relay.stats().malformed.value(), 3U);
}

TEST_F(RelayTest, TakesAMessageOfTheLimitAndDropsALargerOne) {
  const std::string start = R"({"serverId":"x","type":"broadcast","event":"e","data":")";
  const std::string fits = start + std::string(200 - start.size() - 2, 'a') + "\"}";
  ASSERT_EQ(fits.size(), 200U);

  relay(fits);
  relay(start + std::string(200 - start.size() - 1, 'a') + "\"}");

  EXPECT_EQ(relayed.size(), 1U);
  EXPECT_EQ(relay.stats().too_large.value(), 1U);
}

TEST(RelayLog, SaysAtMostOnceASecondThatMessagesWereDropped) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  {
    const observe::Logger log{{.level = observe::Level::warn, .fd = ends[1]}};
    Relay relay{{.server_id = "me"}, [](const auto&, const auto&) {}, log};
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
