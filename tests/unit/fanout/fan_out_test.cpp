#include "fanout/fan_out.hpp"

#include <gtest/gtest.h>

#include "fanout/shards.hpp"
#include "model/uuid.hpp"

namespace nx::fanout {

namespace {

const Presence::LastReceived kNow{};

}  // namespace

class FanOutTest : public testing::Test {
 protected:
  FanOutTest() {
    for (std::size_t i = 0; i < 3; ++i) {
      shards.add([this, i] { ++woken[i]; });
    }
  }

  std::vector<Delivery> taken(std::uint32_t shard) {
    std::vector<Delivery> out;
    shards.mailbox(shard).take(out);
    return out;
  }

  static Payload text(const char* value) { return std::make_shared<const std::string>(value); }

  std::array<int, 3> woken{};
  Shards shards;
  FanOut fan_out{shards};
};

TEST_F(FanOutTest, RecipientsAreGroupedByShardAndOtherShardsSleep) {
  shards.presence().add_user({"a"}, {{1, 1}, 0}, kNow, 0);
  shards.presence().add_user({"b"}, {{2, 1}, 2}, kNow, 0);
  shards.presence().add_user({"b"}, {{3, 1}, 0}, kNow, 0);

  EXPECT_EQ(fan_out.hint(text("h"), {{{"a"}, 5, 1}, {{"b"}, 9, 4}, {{"c"}, 1, 1}}, {{77}}), 2U);

  EXPECT_EQ(woken, (std::array<int, 3>{1, 0, 1}));
  const auto first = taken(0);
  ASSERT_EQ(first.size(), 1U);
  ASSERT_EQ(first[0].hints.size(), 2U);
  EXPECT_EQ(first[0].hints[1].key, (SlotKey{3, 1}));
  EXPECT_EQ(first[0].hints[1].seq, 9);
  EXPECT_EQ(first[0].origin.recorded, EpochMs{77});
  EXPECT_EQ(taken(2).at(0).hints.at(0).unread, 4);
}

TEST_F(FanOutTest, AUserReceivesOncePerConnection) {
  shards.presence().add_user({"a"}, {{1, 1}, 1}, kNow, 0);
  shards.presence().add_user({"a"}, {{2, 1}, 1}, kNow, 0);
  fan_out.to_user({"a"}, text("x"));
  EXPECT_EQ(taken(1).at(0).connections, (std::vector<SlotKey>{{1, 1}, {2, 1}}));
  EXPECT_EQ(woken, (std::array<int, 3>{0, 1, 0}));
}

TEST_F(FanOutTest, AClientIsFoundByItsIdAlone) {
  UuidBytes id{0x7b, 0x10, 0x82, 0xa6, 0x7c, 0xe6, 0x46, 0x80, 0xb3, 0x14, 0xf0, 0x38, 0, 0, 0, 0};
  write_client_location(id, {2, 77});
  EXPECT_EQ(read_client_location(id).slot, 77U);
  fan_out.to_client({uuid_text(id)}, text("x"));
  fan_out.to_room({uuid_text(id)}, text("y"));
  fan_out.to_room({uuid_text(id)}, text("z"), {{uuid_text(id)}});
  const auto got = taken(2);
  ASSERT_EQ(got.size(), 2U);
  EXPECT_EQ(got[0].client, id);
  EXPECT_EQ(woken, (std::array<int, 3>{0, 0, 1}));
}

TEST_F(FanOutTest, WhatIsNoClientIdWakesNobody) {
  fan_out.to_client({"u1"}, text("x"));
  fan_out.to_client({"7B1082A6-7CE6-4680-B314-F038084D2ACF"}, text("x"));
  UuidBytes beyond{};
  write_client_location(beyond, {63, 1});
  fan_out.to_client({uuid_text(beyond)}, text("x"));
  EXPECT_EQ(woken, (std::array<int, 3>{}));
}

TEST_F(FanOutTest, RoomsGoWhereTheyHaveMembersAndBroadcastsWhereAnyoneIs) {
  shards.presence().add_room({"org:1"}, 1);
  shards.presence().count_open(0, 1);
  fan_out.to_room({"org:1"}, text("r"));
  fan_out.to_room({"org:2"}, text("r"));
  fan_out.to_everyone(text("e"));
  fan_out.to_room({"ws-default"}, text("d"));
  EXPECT_EQ(taken(1).at(0).room.value, "org:1");
  const auto all = taken(0);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].to, Delivery::To::everyone);
  EXPECT_EQ(all[1].to, Delivery::To::default_room);
  EXPECT_TRUE(taken(2).empty());
}

TEST_F(FanOutTest, AShardIsWokenOnceUntilItReads) {
  shards.presence().count_open(0, 1);
  for (int i = 0; i < 5; ++i) fan_out.to_everyone(text("e"));
  EXPECT_EQ(woken[0], 1);
  EXPECT_EQ(taken(0).size(), 5U);
  fan_out.to_everyone(text("e"));
  EXPECT_EQ(woken[0], 2);
}

TEST_F(FanOutTest, AFullMailboxDropsAndCounts) {
  Mailbox box([] {});
  for (std::size_t i = 0; i < Mailbox::kMaxPushes; ++i) {
    Delivery delivery;
    delivery.text = text("x");
    ASSERT_TRUE(box.put(std::move(delivery)));
  }
  Delivery delivery;
  delivery.text = text("x");
  EXPECT_FALSE(box.put(std::move(delivery)));
  EXPECT_EQ(box.dropped(), 1U);
}

TEST(FanOutPresence, WhoHasBeenSilentLongestMakesRoomAndNeverTheNewest) {
  Presence presence;
  const auto at_slot = [](std::uint32_t slot) { return ConnectionLocation{{slot, 1}, 0}; };
  const auto at = [](int seconds) { return runtime::SteadyTime(std::chrono::seconds(seconds)); };
  Presence::LastReceived first{at(9)};
  Presence::LastReceived second{at(3)};
  Presence::LastReceived third{at(5)};
  Presence::LastReceived newest{at(1)};
  EXPECT_FALSE(presence.add_user({"u"}, at_slot(1), first, 3));
  EXPECT_FALSE(presence.add_user({"u"}, at_slot(2), second, 3));
  EXPECT_FALSE(presence.add_user({"u"}, at_slot(3), third, 3));
  EXPECT_EQ(presence.add_user({"u"}, at_slot(4), newest, 3), at_slot(2));
  first = at(4);
  EXPECT_EQ(presence.add_user({"u"}, at_slot(5), second, 3), at_slot(4));
  EXPECT_EQ(presence.add_user({"u"}, at_slot(6), second, 3), at_slot(5));
  EXPECT_EQ(presence.add_user({"u"}, at_slot(7), second, 2), at_slot(6));
  EXPECT_EQ(presence.add_user({"u"}, at_slot(8), second, 1), at_slot(7));
}

TEST(FanOutPresence, TheOldestConnectionMakesRoomAndRemovalTakesAnyOrder) {
  Presence presence;
  const auto at_slot = [](std::uint32_t slot) { return ConnectionLocation{{slot, 1}, 0}; };
  EXPECT_FALSE(presence.add_user({"u"}, at_slot(1), kNow, 2));
  EXPECT_FALSE(presence.add_user({"u"}, at_slot(2), kNow, 2));
  EXPECT_EQ(presence.add_user({"u"}, at_slot(3), kNow, 2), at_slot(1));
  presence.remove_user({"u"}, at_slot(1));
  presence.remove_user({"u"}, at_slot(2));
  std::vector<ConnectionLocation> left;
  EXPECT_TRUE(presence.visit_user({"u"}, [&left](const ConnectionLocation& each) { left.push_back(each); }));
  EXPECT_EQ(left, std::vector{at_slot(3)});
  presence.remove_user({"u"}, at_slot(3));
  EXPECT_FALSE(presence.visit_user({"u"}, [](const ConnectionLocation&) {}));
}

}  // namespace nx::fanout
