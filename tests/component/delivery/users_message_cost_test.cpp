// What a hint for a thousand users costs an instance that holds none of them: every instance pays that for every such
// message, however many instances there are. Held by counting; `bench/users_message` measures the time.

#include <random>

#include <gtest/gtest.h>

#include "component/delivery/users_elsewhere.hpp"
#include "counted_allocations.hpp"
#include "delivery/relay.hpp"

namespace nx::delivery {
namespace {

class UsersMessageCost : public ::testing::Test {
 protected:
  UsersMessageCost() {
    for (int i = 0; i < kShards; ++i) shards.add([this] { ++woken; });
    here = connect_users(shards, random);
  }

  const observe::Logger quiet{{.level = observe::Level::error}};
  std::mt19937_64 random{11};
  std::vector<std::string> here;
  int woken = 0;
  fanout::Shards shards;
  fanout::FanOut fan_out{shards};
  Relay relay{{.server_id = "this-instance"}, fan_out, quiet};
};

TEST_F(UsersMessageCost, AnInstanceWithNoneOfThemAllocatesNothingPerUserAndWakesNobody) {
  const std::string none_here = users_message(random);
  const std::uint64_t before = testing::allocations();
  relay.to_users(none_here);

  EXPECT_LT(testing::allocations() - before, 20U) << "1,000 ids, one pass over them and one look-up each";
  EXPECT_EQ(woken, 0);
  EXPECT_EQ(relay.stats().nobody.value(), 1U);
}

TEST_F(UsersMessageCost, OneOfThemWakesOneShard) {
  relay.to_users(users_message(random, {here[5]}));

  EXPECT_EQ(woken, 1);
  EXPECT_EQ(relay.stats().relayed.value(), 1U);
  std::vector<fanout::Delivery> got;
  shards.mailbox(5 % kShards).take(got);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].hints.size(), 1U);
}

}  // namespace
}  // namespace nx::delivery
