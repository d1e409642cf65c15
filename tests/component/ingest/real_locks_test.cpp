// Kafka → PostgreSQL, where somebody has an inbox locked: the message that needs it waits, its neighbours do not.

#include "component/ingest/real_kafka.hpp"
#include "component/store/postgres_fixture.hpp"

namespace nx::ingest::testing {
namespace {

using std::chrono::seconds;

class RealLocks : public RealKafka {
 protected:
  /// What one worker has for itself.
  struct Side {
    explicit Side(const store::PostgresOptions& database, const observe::Logger& log)
        : rows(std::move(*store::open_postgres_notifications(database))),
          notify(
              resolver, *rows,
              [](const auto&, const auto& to, const auto&) { return delivery::Pushed{.here = to.size()}; }, {}, log) {}
    NoPolicies policies;
    resolve::RecipientResolver resolver{policies};
    std::unique_ptr<store::ActivityNotificationRepository> rows;
    delivery::Notify notify;
  };

  void SetUp() override {
    topics.create(topic, 3);
    ASSERT_TRUE(store::migrate_postgres(database.options()));
  }
  static std::string to(const std::string& user, const std::string& title) {
    return R"({"recipientScope":"users","recipientIds":[")" + user + R"("],"type":"t","title":")" + title + "\"}";
  }
  std::string count(store::PostgresRaw& raw, const std::string& condition) {
    return *raw.run(R"(SELECT count(*) FROM signal."ActivityNotification" WHERE )" + condition);
  }

  store::PostgresDatabase database;
};

TEST_F(RealLocks, AMessageToALockedInboxWaitsAloneAndIsStoredOnce) {
  Side first{database.options(), book.log()}, second{database.options(), book.log()};
  KafkaConsumer consumer{options(), {&first.notify, &second.notify}, book.log()};
  store::PostgresRaw holder{database.url()}, raw{database.url()};
  raw.run(R"(INSERT INTO signal."ActivityInbox" (user_id, last_seq, live, unread) VALUES ('locked', 0, 0, 0))");
  holder.run(R"(BEGIN; SELECT 1 FROM signal."ActivityInbox" WHERE user_id = 'locked' FOR UPDATE)");
  std::vector<Sent> messages;
  for (int i = 0; i < 300; ++i) {
    messages.push_back({.value = to(i % 60 == 7 ? "locked" : "u" + std::to_string(i), "a"), .partition = 0});
  }
  for (int i = 0; i < 300; ++i) messages.push_back({.value = to("v" + std::to_string(i), "b"), .partition = 1});
  send(messages);
  ASSERT_TRUE(consumer.start());

  EXPECT_TRUE(eventually([&] { return count(raw, "title = 'b'") == "300"; }));
  EXPECT_TRUE(eventually([&] { return count(raw, "title = 'a'") == "295"; }));
  EXPECT_TRUE(eventually([&] { return consumer.stats().waiting_messages == 5; }));
  EXPECT_EQ(consumer.stats().held_partitions, 0) << "the partition goes on";
  EXPECT_TRUE(consumer.ready());
  send({{.value = to("u1", "later"), .partition = 0}});
  EXPECT_TRUE(eventually([&] { return count(raw, "title = 'later'") == "1"; }));
  EXPECT_TRUE(eventually([&] { return committed(broker.plaintext, topic, group) == 300 + 7; }))
      << "what is behind the waiting one was committed, or what is before it was not";
  const auto said = book.lines("message waits for a lock");
  ASSERT_FALSE(said.empty());
  EXPECT_NE(said[0].find("partition=0"), std::string::npos) << said[0];
  EXPECT_NE(said[0].find("offset=7 "), std::string::npos) << said[0];
  EXPECT_NE(said[0].find("user locked"), std::string::npos) << said[0];

  holder.run("COMMIT");
  EXPECT_TRUE(eventually([&] { return count(raw, "title = 'a'") == "300"; }));
  EXPECT_TRUE(eventually([&] { return committed(broker.plaintext, topic, group) == 601; }));
  EXPECT_EQ(consumer.stats().waiting_messages, 0);
  EXPECT_EQ(first.rows->unread_count({"locked"})->count, 5);
  EXPECT_EQ(first.rows->recount({"locked"})->count, 5);
  EXPECT_EQ(consumer.stats().retries, 0U);
}

// Beyond that the partition is read no further: what is done behind a waiting one would come again after a crash.
TEST_F(RealLocks, OnlySoMuchIsStoredBehindAMessageThatWaits) {
  Side first{database.options(), book.log()}, second{database.options(), book.log()};
  KafkaConsumer consumer{options(), {&first.notify, &second.notify}, book.log()};
  store::PostgresRaw holder{database.url()}, raw{database.url()};
  raw.run(R"(INSERT INTO signal."ActivityInbox" (user_id, last_seq, live, unread) VALUES ('locked', 0, 0, 0))");
  holder.run(R"(BEGIN; SELECT 1 FROM signal."ActivityInbox" WHERE user_id = 'locked' FOR UPDATE)");
  std::vector<Sent> messages{{.value = to("locked", "a"), .partition = 0}};
  for (int i = 0; i < 3'000; ++i) messages.push_back({.value = to("u" + std::to_string(i), "a"), .partition = 0});
  send(messages);
  ASSERT_TRUE(consumer.start());
  ASSERT_TRUE(eventually([&] { return consumer.stats().waiting_messages == 1; }));
  const auto waits = consumer.stats().lock_waits;
  ASSERT_TRUE(eventually([&] { return consumer.stats().lock_waits >= waits + 3; }));
  EXPECT_TRUE(eventually([&] { return std::stoi(count(raw, "title = 'a'")) >= 1'000; }));
  EXPECT_LE(std::stoi(count(raw, "title = 'a'")), 1'024 + 256);

  holder.run("COMMIT");
  EXPECT_TRUE(eventually([&] { return count(raw, "title = 'a'") == "3001"; }));
  EXPECT_TRUE(eventually([&] { return committed(broker.plaintext, topic, group) == 3'001; }));
}

}  // namespace
}  // namespace nx::ingest::testing
