// The trace context of hints from the bus, which is outside input.

#include <gtest/gtest.h>

#include "contract/hint_message.hpp"
#include "delivery/relay.hpp"
#include "fanout/shards.hpp"
#include "unit/delivery/fakes.hpp"

namespace nx::delivery::testing {
namespace {

constexpr const char* kHeader = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr observe::SpanContext kContext{{0x0af7651916cd43dd, 0x8448eb211c80319c}, 0xb7ad6b7169203331};

class RelayTraceTest : public ::testing::Test {
 protected:
  RelayTraceTest() {
    shards.add([] {});
    shards.presence().add_user({"u1"}, {{1, 1}, 0}, {}, 0);
  }
  /// The deliveries of a hint, in both of its forms, with `member` as the JSON of its `traceparent`.
  std::vector<fanout::Delivery> both(Relay& relay, const std::string& member) {
    const std::string head = R"({"event":"e","data":{},"traceparent":)" + member;
    relay(contract::user_hint_envelope("other", {"u1"}, head, 5, 2, {99}));
    contract::UsersMessage message("other", {99});
    message.add({"u1"}, 6, 3);
    // finish() closes the hint's braces: its head is an object without the last one.
    relay.to_users(message.finish(head));
    std::vector<fanout::Delivery> out;
    shards.mailbox(0).take(out);
    return out;
  }

  fanout::Shards shards;
  fanout::FanOut fan_out{shards};
  Relay on{{.server_id = "me", .traces = true}, fan_out, kQuiet};
  Relay off{{.server_id = "me", .traces = false}, fan_out, kQuiet};
};

TEST_F(RelayTraceTest, AHintOfAnotherInstanceContinuesItsTrace) {
  const auto got = both(on, '"' + std::string(kHeader) + '"');
  ASSERT_EQ(got.size(), 2U);
  for (const fanout::Delivery& one : got) {
    EXPECT_EQ(one.origin.parent, kContext);
    EXPECT_TRUE(one.origin.from_bus);
    EXPECT_NE(one.put_at, std::chrono::system_clock::time_point{});
    EXPECT_NE(one.text->find(kHeader), std::string::npos) << "the client gets it as it came";
  }
}

TEST_F(RelayTraceTest, WithoutTracingItIsNotRead) {
  const auto got = both(off, '"' + std::string(kHeader) + '"');
  ASSERT_EQ(got.size(), 2U);
  for (const fanout::Delivery& one : got) {
    EXPECT_FALSE(one.origin.parent);
    EXPECT_NE(one.text->find(kHeader), std::string::npos);
  }
}

TEST_F(RelayTraceTest, AHintWithABadTraceparentIsDeliveredUntraced) {
  for (const char* bad : {R"("")", R"("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")",
                          R"("00-00000000000000000000000000000000-b7ad6b7169203331-01")",
                          R"("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01")",
                          R"("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")",
                          R"("00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01")", R"("\u0000\u0000")", "17",
                          "null", "{}", R"(["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"])"}) {
    const auto got = both(on, bad);
    ASSERT_EQ(got.size(), 2U) << bad;
    for (const fanout::Delivery& one : got) EXPECT_FALSE(one.origin.parent) << bad;
  }
  EXPECT_EQ(on.stats().malformed.value(), 0U);
}

}  // namespace
}  // namespace nx::delivery::testing
