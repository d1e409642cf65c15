#include "store/message_key.hpp"

#include <gtest/gtest.h>

namespace nx::store {
namespace {

TEST(MessageKey, OfARecordThatRepeatsAnotherIsThatOfTheOther) {
  Activity first;
  first.type = "t";
  first.source = "t/0/7/1";
  Activity again = first;
  again.source = "t/0/9/2";
  EXPECT_NE(message_key(again), message_key(first));
  again.replay_of = first.source;
  EXPECT_EQ(message_key(again), message_key(first));
  again.key = "pay-1";
  EXPECT_NE(message_key(again), message_key(first)) << "its own id is its key, wherever it is";
}

TEST(MessageKeyScopeOf, ReadsWhatIsWritten) {
  for (const RecipientScope scope : {RecipientScope::organizer, RecipientScope::merchant, RecipientScope::users}) {
    EXPECT_EQ(recipient_scope(to_text(scope)), scope);
    EXPECT_EQ(scope_of(to_text(scope)).value(), scope);
  }
}

TEST(MessageKeyScopeOf, AnUnknownTextIsNoScopeAndNeverUsers) {
  for (const char* text : {"", "team", "Users", "user", "users "}) {
    EXPECT_EQ(recipient_scope(text), std::nullopt) << text;
    const auto scope = scope_of(text);
    ASSERT_FALSE(scope) << text;
    EXPECT_EQ(scope.error().kind, ErrorKind::unavailable);
  }
}

}  // namespace
}  // namespace nx::store
