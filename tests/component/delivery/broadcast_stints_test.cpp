// Messages to very many on both databases: whatever comes between, each recipient has one row, and hints come at least
// once.

#include <thread>

#include <gmock/gmock.h>

#include "component/delivery/broadcast_stints_fixture.hpp"

namespace nx::delivery {
namespace {

using testing::IsEmpty;
using BroadcastStintsTest = Stints;

TEST_P(BroadcastStintsTest, EachMemberHasOneRowAndHearsOfItOnce) {
  const auto users = join(60, "Organizer", "o1");
  post_to_organizer("o1");
  const auto stints = worker("w1");

  work(*stints);

  expect_rows(users, 1);
  expect_hints(users, 1);
  EXPECT_EQ(hints_.size(), users.size());
  EXPECT_GT(recorded_.value, 0);
  EXPECT_EQ(stints->stats().recipients.value(), 60U);
  EXPECT_GE(stints->stats().slices.value(), 6U);
  EXPECT_EQ(stints->stats().finished.value(), 1U);
  EXPECT_EQ(stints->open(20)->count, 0);
}

TEST_P(BroadcastStintsTest, TheExcludedAndIdsThatCanHaveNoInboxAreLeftOut) {
  const auto users = join(12, "Organizer", "o1");
  backend_->add({{"group", "User", std::string(129, 'x'), "Organizer", "o1"}});
  post_to_organizer("o1", {{users[0]}, {users[11]}});
  const auto stints = worker("w1");

  work(*stints);

  expect_rows({users[0], users[11]}, 0);
  expect_rows({users.begin() + 1, users.end() - 1}, 1);
  EXPECT_EQ(stints->stats().left_out.value(), 1U);
}

TEST_P(BroadcastStintsTest, AListOfUsersIsDoneFromWhatWasKept) {
  std::vector<std::string> users;
  std::vector<UserId> listed;
  for (int i = 0; i < 33; ++i) {
    users.push_back(name(i));
    listed.push_back({name(i)});
  }
  post({}, listed);

  work(*worker("w1"));

  expect_rows(users, 1);
  expect_hints(users, 1);
}

TEST_P(BroadcastStintsTest, MembersByManyDomainsAndVariantsGetItOnce) {
  const auto users = join(30, "Merchant", "m1");
  join(40, "Organizer", "o1");
  join(20, "Merchant", "m1");
  backend_->add({{"domain_inherits", "Merchant", "m1", "Organizer", "o1"},
                 {"domain_inherits", "Organizer", "o1", "Merchant", "m1"}});
  Activity activity;
  activity.scope = RecipientScope::merchant;
  activity.merchant_id = "m1";
  post(activity);

  work(*worker("w1"));

  expect_rows(users, 1);
  expect_rows({name(35), name(39)}, 1);
  EXPECT_EQ(hints_.size(), 40U);
}

TEST_P(BroadcastStintsTest, TwoMessagesAlternateSliceBySlice) {
  options_.stint = options_.long_stint = 0ms;
  const auto users = join(20, "Organizer", "o1");
  post_to_organizer("o1");
  post_to_organizer("o1");
  const auto stints = worker("w1");

  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(stints->run({}));
    std::this_thread::sleep_for(2ms);
  }
  expect_rows({users.begin(), users.begin() + 10}, 2);
  expect_rows({users.begin() + 10, users.end()}, 0);
  work(*stints);
  expect_rows(users, 2);
}

TEST_P(BroadcastStintsTest, WhoJoinsBehindItsPositionGetsItAndWhoLeftThereDoesNot) {
  options_.stint = options_.long_stint = 0ms;
  options_.runs = {.in_order = 10, .unordered = 10};
  const auto users = join(30, "Organizer", "o1");
  post_to_organizer("o1");
  const auto stints = worker("w1");
  ASSERT_TRUE(stints->run({}));

  backend_->remove(users[5]);
  backend_->remove(users[25]);
  backend_->add({{"group", "User", "u0999", "Organizer", "o1"}, {"group", "User", "u9999", "Organizer", "o1"}});
  work(*stints);

  expect_rows({users[5], users[24], "u9999"}, 1);
  expect_rows({users[25], "u0999"}, 0);
}

TEST_P(BroadcastStintsTest, TooOldARecordIsNotPushed) {
  options_.hint_max_age = 0ms;
  const auto users = join(12, "Organizer", "o1");
  post_to_organizer("o1");
  const auto stints = worker("w1");

  work(*stints);

  expect_rows(users, 1);
  EXPECT_THAT(hints_, IsEmpty());
  EXPECT_EQ(stints->stats().hints_too_old.value(), 12U);
}

INSTANTIATE_TEST_SUITE_P(Sqlite, BroadcastStintsTest, kOnSqlite);
INSTANTIATE_TEST_SUITE_P(Postgres, BroadcastStintsTest, kOnPostgres);

}  // namespace
}  // namespace nx::delivery
