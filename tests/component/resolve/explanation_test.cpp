#include "resolve/explanation.hpp"

#include <gtest/gtest.h>

#include "component/temporary_folder.hpp"
#include "resolve/recipient_resolver.hpp"
#include "store/sqlite_store.hpp"

namespace nx::resolve {
namespace {

class ExplanationTest : public testing::Test {
 protected:
  ExplanationTest() {
    const store::SqliteOptions options{.path = folder_.file("policies.db")};
    EXPECT_TRUE(store::replace_sqlite_policies(options, {
                                                            {"join_domain", "User", "owner", "Organizer", "o1"},
                                                            {"join_domain", "User", "cashier", "Merchant", "m1"},
                                                            {"group", "User", "other", "Merchant", "m2"},
                                                            {"domain_inherits", "Merchant", "m1", "Organizer", "o1"},
                                                        }));
    policies_ = std::move(*store::open_sqlite_policies(options));
  }
  ~ExplanationTest() override { policies_.reset(); }

  void expect(const Activity& activity, const char* user, bool receives, const char* why) {
    const auto explanation = explain(*policies_, activity, {user});
    ASSERT_TRUE(explanation) << explanation.error().message;
    EXPECT_EQ(explanation->receives, receives) << user;
    EXPECT_EQ(explanation->why, why) << user;
    RecipientResolver resolver(*policies_);
    const auto recipients = resolver.resolve(activity);
    ASSERT_TRUE(recipients);
    EXPECT_EQ(std::find(recipients->users.begin(), recipients->users.end(), UserId{user}) != recipients->users.end(),
              receives)
        << "it says what is done";
  }

  test::TemporaryFolder folder_;
  std::unique_ptr<store::PolicyDefinitionRepository> policies_;
};

TEST_F(ExplanationTest, AMerchantsNotification) {
  Activity activity;
  activity.scope = RecipientScope::merchant;
  activity.merchant_id = "m1";
  expect(activity, "cashier", true, "joined to merchant m1");
  expect(activity, "owner", true, "joined to organizer o1, which merchant m1 inherits from");
  expect(activity, "other", false, "not joined to merchant m1 or to anything it inherits from");

  activity.excluded = {{"cashier"}};
  expect(activity, "cashier", false, "excluded by excludeUserIds");
}

TEST_F(ExplanationTest, AnOrganizersNotification) {
  Activity activity;
  activity.scope = RecipientScope::organizer;
  activity.organizer_id = "o1";
  expect(activity, "owner", true, "joined to organizer o1");
  expect(activity, "cashier", false, "not joined to organizer o1");
}

TEST_F(ExplanationTest, ANotificationForListedUsers) {
  Activity activity;
  activity.scope = RecipientScope::users;
  activity.recipient_ids = {{"cashier"}};
  expect(activity, "cashier", true, "named in recipientIds");
  expect(activity, "owner", false, "not named in recipientIds");
}

}  // namespace
}  // namespace nx::resolve
