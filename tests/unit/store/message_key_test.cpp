#include "store/message_key.hpp"

#include <gtest/gtest.h>

namespace nx::store {
namespace {

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
