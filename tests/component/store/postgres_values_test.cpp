// What PostgreSQL refuses to store, what it stores in another form, and how much it stores at once.

#include <gmock/gmock.h>

#include "component/store/postgres_faults_fixture.hpp"

namespace nx::store {
namespace {

using testing::HasSubstr;
using testing::Not;
using PostgresValuesTest = PostgresStore;

TEST_F(PostgresValuesTest, WhatTheServerHasAgainstOurOwnRowsIsNoMessagesFault) {
  auto store = open();
  // 54000 is also the answer to every writer once transaction ids run out, and then no message is to blame.
  for (const char* table : {"ActivityNotificationKey", "ActivityNotificationRecipient"}) {
    for (const char* sqlstate : {"54000", "22P04"}) {
      PostgresRaw raw(database_.url());
      raw.run(
          std::string("CREATE FUNCTION signal.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
                      "'not accepting commands' USING ERRCODE = '") +
          sqlstate + "'; END $$; CREATE TRIGGER refuse BEFORE INSERT ON signal.\"" + table +
          "\" FOR EACH ROW EXECUTE FUNCTION signal.refuse()");

      const auto refused = store->ingest(one("a"));

      ASSERT_FALSE(refused) << table;
      EXPECT_EQ(refused.error().kind, ErrorKind::unavailable) << table << ": " << refused.error().message;
      EXPECT_THAT(refused.error().message, HasSubstr(sqlstate));
      EXPECT_EQ(rows(), "0 0 0 0");
      raw.run("DROP FUNCTION signal.refuse CASCADE");
    }
  }
  EXPECT_TRUE(store->ingest(one("a")));
}

TEST_F(PostgresValuesTest, WhatJsonbCanNotHoldIsInvalidAndLeavesTheRestAlone) {
  auto store = open();
  for (const std::string& data :
       {std::string{R"({"a":"\u0000"})"}, std::string{R"({"a":1e200000})"}, std::string{R"({"a":"\ud800"})"},
        std::string{"{"}, std::string{"{\"a\":\"\xff\"}"}}) {
    auto batch = std::vector{message("good"), message("bad")};
    batch[1].activity.data = data;
    const auto refused = store->ingest(batch);
    ASSERT_FALSE(refused) << data;
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid) << refused.error().message;
    EXPECT_THAT(refused.error().message, Not(HasSubstr(R"({"a")"))) << "a body has no place in an error";
  }
  auto text = one("bad");
  text[0].activity.title = std::string("a\0b", 3);
  EXPECT_EQ(store->ingest(text).error().kind, ErrorKind::invalid);
  EXPECT_EQ(rows(), "0 0 0 0");
  EXPECT_TRUE(store->ingest(one("good")));
}

TEST_F(PostgresValuesTest, JsonComesBackCompactAndWhole) {
  auto store = open();
  auto item = one("a");
  item[0].activity.data = R"({"text":"a: b, \"c\": \\","list":[1,2.50,{"deep":null}]})";
  const auto stored = store->ingest(item);
  ASSERT_TRUE(stored) << stored.error().message;

  const auto inbox_row = store->find({"u1"}, stored->front().notification.id);
  ASSERT_TRUE(inbox_row && *inbox_row);
  EXPECT_EQ((*inbox_row)->notification.data, R"({"list":[1,2.50,{"deep":null}],"text":"a: b, \"c\": \\"})")
      << "jsonb orders the names";
}

TEST_F(PostgresValuesTest, AHundredThousandRecipientsOfOneMessage) {
  auto store = open();
  std::vector<std::string> users;
  for (int i = 0; i < 100'000; ++i) users.push_back("user-" + std::to_string(i));
  for (const std::int64_t round : {1, 2}) {
    const auto began = steady_clock::now();
    const auto stored = store->ingest(std::vector{message("round/" + std::to_string(round), users)});
    ASSERT_TRUE(stored) << stored.error().message;
    std::cout << "100,000 recipients, round " << round << ": " << since(began).count() << " ms\n";
    ASSERT_EQ(stored->front().recipients.size(), users.size());
    EXPECT_EQ(stored->front().recipients.back().user.value, "user-99999");
    for (const Delivered& delivered : stored->front().recipients) ASSERT_EQ(delivered.seq, round);
  }
  const auto again = store->ingest(std::vector{message("round/2", users)});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->front().outcome, IngestOutcome::redelivered);
  EXPECT_EQ(again->front().recipients.size(), users.size());
  EXPECT_EQ(rows(), "2 2 100000 200000");
}

}  // namespace
}  // namespace nx::store
