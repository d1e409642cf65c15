#include "model/recipients.hpp"

#include <gtest/gtest.h>

namespace nx {
namespace {

template <class Message>
void expect_rooms() {
  Message message;
  message.organizer_id = "o1";
  message.merchant_id = "m1";

  message.scope = RecipientScope::organizer;
  EXPECT_EQ(room_of(message), RoomName{"org:o1"});
  EXPECT_EQ(*domain_id(message), "o1");
  message.scope = RecipientScope::merchant;
  EXPECT_EQ(room_of(message), RoomName{"merchant:m1"});
  EXPECT_EQ(*domain_id(message), "m1");
  message.scope = RecipientScope::users;
  EXPECT_EQ(room_of(message), std::nullopt);
  EXPECT_EQ(domain_id(message), nullptr);
}

template <class Message>
void expect_nobody(const std::optional<std::string>& id) {
  for (const RecipientScope scope : {RecipientScope::organizer, RecipientScope::merchant}) {
    Message message;
    message.scope = scope;
    message.organizer_id = message.merchant_id = id;
    EXPECT_EQ(room_of(message), std::nullopt);
    EXPECT_EQ(domain_id(message), nullptr);
  }
}

TEST(Recipients, TheScopeSaysWhichIdIsMeant) {
  expect_rooms<Activity>();
  expect_rooms<Notification>();
}

TEST(Recipients, WithoutAnIdOrWithAnEmptyOneNobodyIsMeant) {
  for (const auto& id : {std::optional<std::string>{}, std::optional<std::string>{""}}) {
    expect_nobody<Activity>(id);
    expect_nobody<Notification>(id);
  }
}

}  // namespace
}  // namespace nx
