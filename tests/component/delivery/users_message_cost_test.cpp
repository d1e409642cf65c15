// What a hint for a thousand users costs an instance that holds none of them: every instance pays that for every such
// message, however many instances there are. Held by counting; `bench/users_message` measures the time.

#include <cstdio>
#include <random>

#include <gtest/gtest.h>

#include "contract/hint_message.hpp"
#include "counted_allocations.hpp"
#include "delivery/relay.hpp"
#include "fanout/shards.hpp"

namespace nx::delivery {
namespace {

const fanout::Presence::LastReceived kNow{};
constexpr int kShards = 4;
constexpr int kHere = 5'000;  // users connected to this instance

/// In the form of a UUID, 36 characters.
std::string user_id(std::mt19937_64& random) {
  std::string text(36, '\0');
  std::snprintf(text.data(), text.size() + 1, "%08x-%04x-4%03x-8%03x-%012llx", static_cast<unsigned>(random()),
                static_cast<unsigned>(random() & 0xffffU), static_cast<unsigned>(random() & 0xfffU),
                static_cast<unsigned>(random() & 0xfffU),
                static_cast<unsigned long long>(random() & 0xffff'ffff'ffffULL));
  return text;
}

class UsersMessageCost : public ::testing::Test {
 protected:
  UsersMessageCost() {
    for (int i = 0; i < kShards; ++i) shards.add([this] { ++woken; });
    for (std::uint32_t i = 0; i < kHere; ++i) {
      const std::uint32_t shard = i % kShards;
      here.push_back(user_id(random));
      shards.presence().add_user({here.back()}, {{i, 1}, shard}, kNow, 0);
      shards.presence().count_open(shard, 1);
    }
  }

  /// For 1,000 users who are elsewhere, `mine` beside them.
  std::string message(const std::vector<std::string>& mine = {}) {
    contract::UsersMessage built("another-instance", {1'700'000'000'000});
    for (const std::string& user : mine) built.add({user}, 7, 2);
    while (built.users() < contract::kUsersAMessage) built.add({user_id(random)}, 123'456, 42);
    return built.finish(R"({"event":"observation/signal/notification/created","data":{"id":"n1","title":")" +
                        std::string(1'000, 'x') + "\"}");
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
  const std::string none_here = message();
  const std::uint64_t before = allocations();
  relay.to_users(none_here);

  EXPECT_LT(allocations() - before, 20U) << "1,000 ids, one pass over them and one look-up each";
  EXPECT_EQ(woken, 0);
  EXPECT_EQ(relay.stats().nobody.value(), 1U);
}

TEST_F(UsersMessageCost, OneOfThemWakesOneShard) {
  relay.to_users(message({here[5]}));

  EXPECT_EQ(woken, 1);
  EXPECT_EQ(relay.stats().relayed.value(), 1U);
  std::vector<fanout::Delivery> got;
  shards.mailbox(5 % kShards).take(got);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].hints.size(), 1U);
}

}  // namespace
}  // namespace nx::delivery
