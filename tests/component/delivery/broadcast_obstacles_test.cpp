// What one message or one inbox can hold up on PostgreSQL.

#include <thread>

#include <gtest/gtest.h>

#include "component/delivery/broadcast_stints_fixture.hpp"

namespace nx::delivery {
namespace {

/// What one message cannot have stored is no reason for others to wait.
TEST(BroadcastObstacles, OneThatFailsRestsAndOthersGoOn) {
  PostgresBackend backend(true);
  backend.add({{"group", "User", "broken", "Organizer", "o1"}, {"group", "User", "fine", "Organizer", "o2"}});
  auto rows = backend.open();
  backend.raw().run(R"(ALTER TABLE signal."ActivityInbox" ADD CHECK (user_id <> 'broken'))");
  for (const char* organizer : {"o1", "o2"}) {
    Activity activity;
    activity.scope = RecipientScope::organizer;
    activity.organizer_id = organizer;
    activity.source = std::string("t/0/") + organizer + "/1";
    ASSERT_TRUE(rows.notifications->ingest(std::vector<store::NewNotification>{{activity, {}, true}}));
    std::this_thread::sleep_for(2ms);
  }
  BroadcastStints stints(
      "w1", backend.open(),
      [](const fanout::Payload&, const std::vector<fanout::HintRecipient>&, const fanout::HintOrigin&) {
        return Pushed{};
      },
      {}, kQuiet);

  EXPECT_EQ(*stints.run({}), 0ms);
  EXPECT_EQ(stints.stats().failures.value(), 1U);
  EXPECT_EQ(*stints.run({}), 0ms);

  EXPECT_EQ(rows.notifications->recount({"fine"})->count, 1);
  EXPECT_EQ(stints.open(20)->count, 1);
}

/// One contended inbox is met by halving, and its neighbours do not wait for it.
TEST(BroadcastObstacles, ALockedInboxHoldsUpThoseBehindItAlone) {
  PostgresBackend backend(true);
  std::vector<PolicyRow> members;
  for (int i = 100; i < 200; ++i) members.push_back({"group", "User", "u" + std::to_string(i), "Organizer", "o1"});
  backend.add(members);
  auto rows = backend.open();
  Activity activity;
  activity.scope = RecipientScope::organizer;
  activity.organizer_id = "o1";
  activity.source = "t/0/1/1";
  Activity first;
  first.source = "t/0/0/1";
  ASSERT_TRUE(rows.notifications->ingest(std::vector<store::NewNotification>{{first, {{"u150"}}, false}}));
  ASSERT_TRUE(rows.notifications->ingest(std::vector<store::NewNotification>{{activity, {}, true}}));
  backend.raw().run(R"(BEGIN; SELECT 1 FROM signal."ActivityInbox" WHERE user_id = 'u150' FOR UPDATE)");
  BroadcastStints stints(
      "w1", backend.open(),
      [](const fanout::Payload&, const std::vector<fanout::HintRecipient>&, const fanout::HintOrigin&) {
        return Pushed{};
      },
      {}, kQuiet);

  // Until it stands before the locked one, and has tried that with half as many again and again.
  while (rows.notifications->unread_count({"u149"})->count == 0 || stints.stats().waits.value() < 5) {
    const auto pause = stints.run({});
    ASSERT_TRUE(pause) << pause.error().message;
    std::this_thread::sleep_for(*pause);
  }
  EXPECT_EQ(rows.notifications->unread_count({"u151"})->count, 0);
  backend.raw().run("COMMIT");
  while (rows.notifications->unread_count({"u199"})->count == 0) {
    const auto pause = stints.run({});
    ASSERT_TRUE(pause) << pause.error().message;
    std::this_thread::sleep_for(*pause);
  }

  EXPECT_EQ(rows.notifications->recount({"u150"})->count, 2);
  for (const char* user : {"u100", "u151", "u199"}) EXPECT_EQ(rows.notifications->recount({user})->count, 1) << user;
}

}  // namespace
}  // namespace nx::delivery
