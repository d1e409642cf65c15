// What the databases walk for filters that can walk an index: on PostgreSQL by the plans of their statements with their
// values, on SQLite by the steps of its machine.

#include <regex>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "component/store/postgres_fixture.hpp"
#include "component/temporary_folder.hpp"
#include "model/uuid.hpp"
#include "store/filter.hpp"
#include "store/postgres/filter_dialect.hpp"
#include "store/sqlite_store.hpp"

namespace nx::store {
namespace {

using Field = NotificationField;
using testing::ElementsAre;

FilterRequest asking(std::vector<Condition> conditions, std::vector<OrderTerm> order = {}) {
  FilterRequest request;
  request.page.user = {"big"};
  for (Condition& condition : conditions) request.where.parts.push_back(where_of(std::move(condition)));
  request.order = std::move(order);
  request.with_total = false;
  return request;
}

Condition is(Field field, Operation operation, std::vector<Operand> operands = {}) {
  return {.operation = operation, .subject = {.field = field}, .operands = std::move(operands)};
}

const std::vector<OrderTerm> kLatestFirst{{.subject = {.field = Field::created_at}, .descending = true}};

struct Literal {
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(const std::string& text) const { return nx::store::quoted(text, '\''); }
  std::string operator()(const NotificationId& id) const { return "'" + uuid_text(id.bytes) + "'::uuid"; }
  std::string operator()(EpochMs time) const { return "to_timestamp(" + std::to_string(time.value) + " / 1000.0)"; }
  std::string operator()(const JsonOperand& json) const { return nx::store::quoted(json.text, '\'') + "::jsonb"; }
  std::string operator()(const PathValue&) const { return "ARRAY['a']"; }
  std::string operator()(const DecimalValue& decimal) const { return "'" + decimal.text + "'"; }
};

class FilterPlansOnPostgres : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    database_ = std::make_unique<PostgresDatabase>();
    ASSERT_TRUE(migrate_postgres(database_->options()));
    PostgresRaw raw(database_->url());
    add_month(raw, 1);
    raw.run(R"(
      SET search_path = signal;
      CREATE FUNCTION pg_temp.id(n bigint) RETURNS uuid LANGUAGE sql AS $$
        SELECT (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint - 20 * n), 12, '0') || '7000' || lpad(to_hex(n), 16, '8'))::uuid $$;
      INSERT INTO "ActivityInbox" (user_no, user_id, last_seq, live, unread) OVERRIDING SYSTEM VALUE
        SELECT u, CASE u WHEN 1 THEN 'big' ELSE 'user-' || u END, CASE u WHEN 1 THEN 20000 ELSE 20 END, 1, 1 FROM generate_series(1, 100) u;
      INSERT INTO "ActivityNotificationRecipient" (user_no, seq, notification_id, read_at, archived_at)
        SELECT 1, i, pg_temp.id(i), CASE WHEN i % 2 = 0 THEN now() END, CASE WHEN i % 3 = 0 THEN now() END FROM generate_series(1, 20000) i;
      INSERT INTO "ActivityNotificationRecipient" (user_no, seq, notification_id)
        SELECT u, i, pg_temp.id(20000 + u * 100 + i) FROM generate_series(2, 100) u, generate_series(1, 20) i;
      INSERT INTO "ActivityNotification" (id, type, title, recipient_scope, created_at, modified_at)
        SELECT notification_id, 't', 'x', 'users', now(), now() FROM "ActivityNotificationRecipient";
      ANALYZE)");
  }
  static void TearDownTestSuite() { database_.reset(); }

  static std::vector<std::string> plan(const FilterRequest& request) {
    const postgres::FilterParts parts("signal");
    const postgres::PostgresDialect dialect(parts);
    const FilterStatement statement =
        page_statement(dialect, request, plan_of(request), false, {request.page.user.value});
    PostgresRaw raw(database_->url());
    for (const auto& [name, value] : postgres::kByIndex) raw.run(std::string{"SET "} + name + " = " + value);
    raw.run("SET plan_cache_mode = force_custom_plan");
    raw.run("PREPARE statement AS " + statement.sql);
    std::string values;
    for (const SqlValue& value : statement.values) {
      values += (values.empty() ? "(" : ", ") + std::visit(Literal(), value);
    }
    return raw.column("EXPLAIN (COSTS OFF) EXECUTE statement" + values + ")");
  }

  /// Of recipients; each is entered by a condition, and no table is read as a whole.
  static std::vector<std::string> indexes(const FilterRequest& request) {
    const auto lines = plan(request);
    std::set<std::string> found;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      EXPECT_EQ(lines[i].find("Seq Scan"), std::string::npos) << testing::PrintToString(lines);
      if (lines[i].find(" using ") == std::string::npos) continue;
      EXPECT_TRUE(i + 1 < lines.size() && lines[i + 1].find("Index Cond") != std::string::npos)
          << testing::PrintToString(lines);
      std::smatch match;
      if (std::regex_search(lines[i], match, std::regex(R"re(using ("?ActivityNotificationRecipient\w*"?))re"))) {
        found.insert(parent(match[1]));
      }
    }
    return {found.begin(), found.end()};
  }

  static std::string parent(const std::string& partition_index) {
    PostgresRaw raw(database_->url());
    return raw
        .run(
            "SELECT p.relname FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid JOIN pg_class p ON p.oid = "
            "h.inhparent WHERE quote_ident(c.relname) = '" +
            partition_index + "'")
        .value_or(partition_index);
  }

  static inline std::unique_ptr<PostgresDatabase> database_;
};

TEST_F(FilterPlansOnPostgres, WhatCanWalkAnIndexDoes) {
  const auto there =
      PostgresRaw(database_->url())
          .column(
              R"(SELECT notification_id FROM signal."ActivityNotificationRecipient" WHERE user_no = 1 ORDER BY seq LIMIT 2)");
  const NotificationId one{*parse_uuid(there.at(0))}, two{*parse_uuid(there.at(1))};
  EXPECT_THAT(indexes(asking({is(Field::seq, Operation::greater, {std::int64_t{5}})})),
              ElementsAre("ActivityRecipientInbox"));
  EXPECT_THAT(indexes(asking({is(Field::read_at, Operation::is_null)})),
              ElementsAre("ActivityRecipientReopened", "ActivityRecipientUnread"));
  EXPECT_THAT(indexes(asking({is(Field::archived_at, Operation::not_null)})), ElementsAre("ActivityRecipientArchive"));
  EXPECT_THAT(indexes(asking({is(Field::id, Operation::in, {one, two})})),
              ElementsAre("ActivityNotificationRecipient_pkey"));
  EXPECT_THAT(indexes(asking({}, kLatestFirst)), ElementsAre("ActivityNotificationRecipient_pkey"));
  EXPECT_THAT(indexes(asking({is(Field::title, Operation::like, {std::string{"a%"}})})),
              ElementsAre("ActivityRecipientInbox"));
  EXPECT_THAT(indexes(asking({is(Field::archived_at, Operation::always)})),
              ElementsAre("ActivityRecipientArchive", "ActivityRecipientInbox"));
}

TEST_F(FilterPlansOnPostgres, MonthsThatCanNotHoldARowAreLeftOut) {
  const auto partitions = [](const FilterRequest& request) {
    std::set<std::string> found;
    for (const std::string& line : plan(request)) {
      std::smatch match;
      if (std::regex_search(line, match, std::regex(R"re(on "?(ActivityNotificationRecipient_\w+)"? r)re")))
        found.insert(match[1]);
    }
    return found.size();
  };
  const auto all = partitions(asking({is(Field::seq, Operation::greater, {std::int64_t{5}})}));
  EXPECT_GT(all, 3u);
  EXPECT_LE(partitions(asking({is(Field::created_at, Operation::at_least, {now_wall()}),
                               is(Field::created_at, Operation::less, {EpochMs{now_wall().value + 1'000}})})),
            2u);
}

TEST(FilterPlansOnSqlite, WhatCanWalkAnIndexPassesFewRows) {
  const test::TemporaryFolder folder;
  SqliteOptions options;
  options.path = folder.file("signal.db");
  ASSERT_TRUE(migrate_sqlite(options));
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(options.path.c_str(), &db), SQLITE_OK);
  // The newest and the oldest 5,000 of 100,000 rows are live; every other one is read.
  ASSERT_EQ(sqlite3_exec(db, R"(
    INSERT INTO "ActivityInbox" (user_no, user_id, last_seq, live, unread) VALUES (1, 'big', 100000, 10000, 5000);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
    INSERT INTO "ActivityNotificationRecipient" (user_no, seq, notification_id, read_at, archived_at)
      SELECT 1, i, CAST(printf('%06d0000000000', i) AS BLOB), CASE WHEN i % 2 = 0 THEN 1 END, CASE WHEN i > 5000 AND i <= 95000 THEN 1 END FROM n;
    INSERT INTO "ActivityNotification" (id, type, title, recipient_scope, created_at, modified_at)
      SELECT notification_id, 't', 'x', 'users', 0, 0 FROM "ActivityNotificationRecipient";)",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(db);
  // With no time at all every statement that is long enough to be looked at (4,000 steps of SQLite's machine) is ended.
  options.statement_timeout = std::chrono::milliseconds{0};
  auto store = std::move(*open_sqlite_notifications(options));

  const auto rows = [&](const FilterRequest& request) -> std::size_t {
    const auto page = store->list(request);
    EXPECT_TRUE(page) << page.error().message;
    return page ? page->rows.size() : 0;
  };
  const auto id = [](const char* text) {
    NotificationId made;
    std::copy_n(text, 16, made.bytes.begin());
    return made;
  };
  EXPECT_EQ(rows(asking({is(Field::id, Operation::in, {id("0000070000000000"), id("0999990000000000")})})), 2u);
  EXPECT_EQ(rows(asking({is(Field::seq, Operation::between, {std::int64_t{100}, std::int64_t{104}})})), 5u);
  EXPECT_EQ(rows(asking({is(Field::read_at, Operation::is_null)})), 10u);
  EXPECT_EQ(rows(asking({is(Field::archived_at, Operation::not_null)})), 10u);
  EXPECT_EQ(rows(asking({is(Field::archived_at, Operation::always)})), 10u);
  EXPECT_EQ(rows(asking({}, kLatestFirst)), 10u);
  EXPECT_EQ(rows(asking({}, {{.subject = {.field = Field::seq}, .descending = false}})), 10u);
  EXPECT_EQ(store->list(asking({is(Field::title, Operation::equal, {std::string{"y"}})})).error().kind,
            ErrorKind::too_broad);
  store.reset();
}

}  // namespace
}  // namespace nx::store
