#include <gtest/gtest.h>

#include "gateway/origin_policy.hpp"
#include "gateway/room_registry.hpp"
#include "gateway/slots.hpp"
#include "transport/http_token.hpp"

namespace nx::gateway {

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

TEST(OriginPolicyTest, APageMayReadEveryHeaderThatWeSendAndSendEveryOneThatWeRead) {
  const OriginPolicy any({"*"});
  transport::HttpRequest asked;
  asked.method = "OPTIONS";
  asked.headers = {{"Origin", "https://x"}, {"Access-Control-Request-Method", "PATCH"}};
  ASSERT_TRUE(any.is_preflight(asked));
  transport::HttpResponse response = any.preflight(asked);
  any.allow_reading(response, "https://x");
  const auto value = [&response](std::string_view name) {
    for (const transport::HttpHeader& header : response.headers) {
      if (header.name == name) return header.value;
    }
    return std::string();
  };
  for (const char* name : {"Content-Range", "Link", "Retry-After", "WWW-Authenticate", "x-request-id", "x-inbox-epoch",
                           "x-response-count", "x-response-format"}) {
    EXPECT_TRUE(transport::list_has_token(value("Access-Control-Expose-Headers"), name)) << name;
  }
  for (const char* name :
       {"Authorization", "Content-Type", "x-device-info", "x-request-channel", "x-request-count", "x-request-id"}) {
    EXPECT_TRUE(transport::list_has_token(value("Access-Control-Allow-Headers"), name)) << name;
  }
}

TEST(OriginPolicyTest, WithoutOriginsThereIsNoCors) {
  const OriginPolicy none({});
  transport::HttpRequest asked;
  asked.method = "OPTIONS";
  asked.headers = {{"Origin", "https://x"}, {"Access-Control-Request-Method", "GET"}};
  EXPECT_FALSE(none.is_preflight(asked));
  transport::HttpResponse response;
  none.allow_reading(response, "https://x");
  EXPECT_TRUE(response.headers.empty());
}

TEST(RoomRegistryTest, PresenceAndTheBusLearnOfTheFirstMemberAndTheLast) {
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

TEST(SlotsTest, AKeyThatOutlivedItsConnectionFindsNothing) {
  Slots<int> slots;
  const fanout::SlotKey first = slots.reserve();
  slots.put(first, std::make_unique<int>(1));
  EXPECT_EQ(*slots.find(first), 1);
  slots.take(first);
  const fanout::SlotKey second = slots.reserve();
  slots.put(second, std::make_unique<int>(2));
  EXPECT_EQ(second.slot, first.slot);
  EXPECT_EQ(slots.find(first), nullptr);
  EXPECT_EQ(slots.take(first), nullptr);
  EXPECT_EQ(*slots.find(second), 2);
}

}  // namespace nx::gateway
