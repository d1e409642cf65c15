#include <gtest/gtest.h>

#include "gateway/admission.hpp"
#include "gateway/origin_policy.hpp"
#include "gateway/roster.hpp"
#include "gateway/slots.hpp"

namespace nx::gateway {

using Verdict = Admission::Verdict;

TEST(AdmissionTest, EachBoundHoldsAndIsReleased) {
  Admission admission({.connections = 3, .per_address = 2, .handshakes = 2});
  const auto a = *transport::IpAddress::parse("192.0.2.1");
  const auto b = *transport::IpAddress::parse("192.0.2.2");
  EXPECT_EQ(admission.enter(a, AddressRule::counted), Verdict::admitted);
  EXPECT_EQ(admission.enter(a, AddressRule::counted), Verdict::admitted);
  EXPECT_EQ(admission.enter(b, AddressRule::counted), Verdict::too_many_handshakes);
  admission.handshake_ended();
  admission.handshake_ended();
  EXPECT_EQ(admission.enter(a, AddressRule::counted), Verdict::address_full);
  EXPECT_EQ(admission.enter(a, AddressRule::exempt), Verdict::admitted);
  EXPECT_EQ(admission.enter(b, AddressRule::counted), Verdict::full);
  admission.leave(a, AddressRule::counted);
  EXPECT_EQ(admission.enter(a, AddressRule::counted), Verdict::admitted);
}

TEST(AdmissionTest, ZeroIsNoLimit) {
  Admission admission({});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(admission.enter({}, AddressRule::counted), Verdict::admitted);
}

TEST(OriginPolicyTest, AStarAllowsAllAndNeverEchoes) {
  const OriginPolicy any({"*"});
  EXPECT_TRUE(any.allows("https://x"));
  transport::HttpResponse response;
  any.allow_reading(response, "https://x");
  ASSERT_FALSE(response.headers.empty());
  EXPECT_EQ(response.headers[0].value, "*");
}

TEST(OriginPolicyTest, AListAllowsExactlyItsMembers) {
  const OriginPolicy some({"https://a", "tauri://localhost"});
  EXPECT_TRUE(some.allows("tauri://localhost"));
  EXPECT_TRUE(some.allows(""));
  EXPECT_FALSE(some.allows("https://a.evil"));
  EXPECT_FALSE(some.allows("null"));
}

TEST(RosterTest, PresenceAndTheAudienceHearOfTheFirstMemberAndTheLast) {
  fanout::Presence presence;
  std::vector<std::string> told;
  session::Audience audience;
  audience.room_came = [&told](const RoomName& room) { told.push_back('+' + room.value); };
  audience.room_went = [&told](const RoomName& room) { told.push_back('-' + room.value); };
  Roster roster(presence, audience, 3);
  const RoomName room{"org:1"};
  roster.join(room, {1, 1});
  roster.join(room, {2, 1});
  EXPECT_EQ(presence.shards_of(room), 8U);
  roster.leave(room, {1, 1});
  EXPECT_EQ(roster.members(room), (std::vector<fanout::SeatKey>{{2, 1}}));
  roster.leave(room, {2, 1});
  EXPECT_EQ(presence.shards_of(room), 0U);
  EXPECT_TRUE(roster.members(room).empty());
  EXPECT_EQ(told, (std::vector<std::string>{"+org:1", "-org:1"}));
}

TEST(SlotsTest, AKeyThatOutlivedItsConnectionFindsNothing) {
  Slots<int> slots;
  const fanout::SeatKey first = slots.reserve();
  slots.put(first, std::make_unique<int>(1));
  EXPECT_EQ(*slots.find(first), 1);
  slots.take(first);
  const fanout::SeatKey second = slots.reserve();
  slots.put(second, std::make_unique<int>(2));
  EXPECT_EQ(second.slot, first.slot);
  EXPECT_EQ(slots.find(first), nullptr);
  EXPECT_EQ(slots.take(first), nullptr);
  EXPECT_EQ(*slots.find(second), 2);
}

}  // namespace nx::gateway
