// Notify over the real SQLite store: what is stored, what is pushed, and what another connection's lock does.

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "component/temporary_folder.hpp"
#include "contract/activity_message.hpp"
#include "delivery/notify.hpp"
#include "store/sqlite_store.hpp"

namespace nx::delivery {
namespace {

const observe::Logger kQuiet{{.level = observe::Level::error}};

class NotifySqlite : public ::testing::Test {
 protected:
  void SetUp() override {
    options.path = folder.file("signal.db");
    options.statement_timeout = std::chrono::milliseconds{100};
    ASSERT_TRUE(store::migrate_sqlite(options));
    ASSERT_TRUE(store::replace_sqlite_policies(options, {{"join_domain", "User", "ann", "Organizer", "o1"},
                                                         {"join_domain", "User", "bob", "Merchant", "m1"},
                                                         {"join_domain", "User", "eve", "Merchant", "m2"}}));
    rows = std::move(*store::open_sqlite_notifications(options));
    policies = std::move(*store::open_sqlite_policies(options));
    resolver.emplace(*policies);
    notify.emplace(
        *resolver, *rows,
        [this](const fanout::Payload& head, const std::vector<fanout::HintRecipient>& to, const fanout::HintOrigin&) {
          for (const auto& one : to) pushed.push_back(one.user.value + ' ' + std::to_string(one.seq));
          heads.push_back(*head);
          return Pushed{.here = to.size()};
        },
        NotifyOptions{}, kQuiet);
  }
  void TearDown() override {
    notify.reset();
    rows.reset();
    policies.reset();
  }

  Activity activity(const std::string& json) {
    return *contract::decode_activity(
        json, {.topic = "t", .partition = 0, .offset = next_offset++, .timestamp = now_wall(), .traceparent = {}});
  }
  std::int64_t unread(const std::string& user) { return rows->unread_count({user})->count; }

  test::TemporaryFolder folder;
  store::SqliteOptions options;
  std::unique_ptr<store::ActivityNotificationRepository> rows;
  std::unique_ptr<store::PolicyDefinitionRepository> policies;
  std::optional<resolve::RecipientResolver> resolver;
  std::optional<Notify> notify;
  std::vector<std::string> pushed, heads;
  std::int64_t next_offset = 0;
};

TEST_F(NotifySqlite, StoresForTheScopeAndPushesToTheSamePeople) {
  const auto poison =
      (*notify)(std::vector{activity(R"({"recipientScope":"org","organizerId":"o1","type":"t","title":"for o1"})"),
                            activity(R"({"recipientScope":"merchant","merchantId":"m1","type":"t","title":"for m1"})"),
                            activity(R"({"recipientScope":"users","recipientIds":["ann","eve"],"excludeUserIds":["eve"],
                                       "type":"t","title":"for ann"})")});

  ASSERT_TRUE(poison) << poison.error().message;
  EXPECT_TRUE(poison->empty());
  EXPECT_EQ(pushed, (std::vector<std::string>{"ann 1", "bob 1", "ann 2"}));
  EXPECT_EQ(unread("ann"), 2);
  EXPECT_EQ(unread("bob"), 1);
  EXPECT_EQ(unread("eve"), 0);
  EXPECT_NE(heads[0].find(R"("title":"for o1")"), std::string::npos);
}

TEST_F(NotifySqlite, AnUnusableIdInThePolicyRowsCostsItsNeighboursNothing) {
  ASSERT_TRUE(store::replace_sqlite_policies(
      options, {{"join_domain", "User", "ann", "Organizer", "o1"},
                {"join_domain", "User", std::string(kMaxIdBytes + 1, 'x'), "Organizer", "o1"}}));

  const auto poison =
      (*notify)(std::vector{activity(R"({"recipientScope":"org","organizerId":"o1","type":"t","title":"for o1"})")});

  ASSERT_TRUE(poison) << poison.error().message;
  EXPECT_TRUE(poison->empty());
  EXPECT_EQ(unread("ann"), 1);
}

TEST_F(NotifySqlite, TheSameBatchAgainStoresNothingAndPushesAgain) {
  const std::vector batch{activity(R"({"recipientScope":"org","organizerId":"o1","type":"t","title":"x"})")};
  ASSERT_TRUE((*notify)(batch));

  ASSERT_TRUE((*notify)(batch));

  EXPECT_EQ(unread("ann"), 1);
  EXPECT_EQ(pushed, (std::vector<std::string>{"ann 1", "ann 1"}));
}

TEST_F(NotifySqlite, GivesBackThatAnotherConnectionHoldsTheDatabaseAndStoresLater) {
  const std::vector batch{activity(R"({"recipientScope":"org","organizerId":"o1","type":"t","title":"x"})")};
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(options.path.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr), SQLITE_OK);

  const auto held = (*notify)(batch);

  ASSERT_FALSE(held);
  EXPECT_TRUE(held.error().kind == ErrorKind::unavailable || held.error().kind == ErrorKind::conflict);
  EXPECT_TRUE(pushed.empty());
  sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr);
  sqlite3_close(other);
  EXPECT_TRUE((*notify)(batch));
  EXPECT_EQ(unread("ann"), 1);
}

}  // namespace
}  // namespace nx::delivery
