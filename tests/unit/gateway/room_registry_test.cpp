#include "gateway/room_registry.hpp"

#include <algorithm>
#include <ctime>
#include <memory>
#include <random>

#include <gtest/gtest.h>

namespace nx::gateway {
namespace {

const RoomName kRoom{"org:1"};

class RoomRegistryTest : public testing::Test {
 protected:
  std::unique_ptr<fanout::Presence> presence = std::make_unique<fanout::Presence>();
  session::BusSubscriptions subscriptions;
  RoomRegistry registry{*presence, subscriptions, 0};
};

std::vector<std::uint32_t> slots_of(const std::vector<fanout::SlotKey>& members) {
  std::vector<std::uint32_t> slots;
  for (const fanout::SlotKey key : members) slots.push_back(key.slot);
  std::ranges::sort(slots);
  return slots;
}

TEST_F(RoomRegistryTest, WhoLeavesIsGoneAndNobodyElseWhateverTheOrderAndTheSize) {
  std::mt19937 random(7);
  std::vector<std::uint32_t> here;
  std::uint32_t next = 0;
  for (int step = 0; step < 4'000; ++step) {
    const bool grows = step % 1'000 < 600;  // over the size from which places are kept, and below it again
    if (here.empty() || random() % 10 < (grows ? 7U : 3U)) {
      registry.join(kRoom, {next, 5});
      here.push_back(next++);
    } else {
      const std::size_t gone = random() % here.size();
      registry.leave(kRoom, {here[gone], 4});  // its predecessor in the slot: not a member
      registry.leave(kRoom, {here[gone], 5});
      registry.leave(kRoom, {here[gone], 5});
      here.erase(here.begin() + static_cast<std::ptrdiff_t>(gone));
    }
    ASSERT_EQ(registry.members(kRoom).size(), here.size());
  }
  EXPECT_EQ(slots_of(registry.members(kRoom)), here);
  for (const std::uint32_t slot : here) registry.leave(kRoom, {slot, 5});
  EXPECT_TRUE(registry.members(kRoom).empty());
  EXPECT_EQ(presence->shards_of(kRoom), 0U);
}

/// Nanoseconds that this thread has had of a core, whatever else runs there.
std::int64_t own_time() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

/// Against the joins of the same run: a search of the room for each leave would take some 300 times as long.
TEST_F(RoomRegistryTest, AllLeaveALargeRoomAboutAsFastAsTheyCame) {
  constexpr std::uint32_t kMany = 100'000;
  const std::int64_t began = own_time();
  for (std::uint32_t slot = 0; slot < kMany; ++slot) registry.join(kRoom, {slot, 1});
  const std::int64_t joined = own_time();
  for (std::uint32_t slot = kMany; slot-- > kMany / 2;) {
    registry.leave(kRoom, {slot - kMany / 2, 1});
    registry.leave(kRoom, {slot, 1});
  }
  const std::int64_t left = own_time();
  EXPECT_TRUE(registry.members(kRoom).empty());
  EXPECT_LT(left - joined, 15 * (joined - began));
}

TEST(RoomRegistrySubscriptions, PresenceAndTheBusLearnOfTheFirstMemberAndTheLast) {
  fanout::Presence presence;
  std::vector<std::string> told;
  session::BusSubscriptions subscriptions;
  subscriptions.subscribe_room = [&told](const RoomName& room) { told.push_back('+' + room.value); };
  subscriptions.unsubscribe_room = [&told](const RoomName& room) { told.push_back('-' + room.value); };
  RoomRegistry registry(presence, subscriptions, 3);
  const RoomName room{"org:1"};
  registry.join(room, {1, 1});
  registry.join(room, {2, 1});
  EXPECT_EQ(presence.shards_of(room), 8U);
  registry.leave(room, {1, 1});
  EXPECT_EQ(registry.members(room), (std::vector<fanout::SlotKey>{{2, 1}}));
  registry.leave(room, {2, 1});
  EXPECT_EQ(presence.shards_of(room), 0U);
  EXPECT_TRUE(registry.members(room).empty());
  EXPECT_EQ(told, (std::vector<std::string>{"+org:1", "-org:1"}));
}

}  // namespace
}  // namespace nx::gateway
