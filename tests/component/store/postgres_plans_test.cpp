// What PostgreSQL makes of the statements: the plans of their prepared form, and the pages of memory that a user with
// very many rows costs beside one with few.

#include <functional>
#include <iostream>
#include <map>
#include <regex>
#include <set>

#include <gtest/gtest.h>

#include "component/store/postgres_fixture.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store {
namespace {

/// One user, `big`, with many rows over 40 days: the newest 10 and the oldest 1,000 live, the rest archived, every
/// other one read. `small` and 500 others have 100 rows each.
class PostgresPlans : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    database_ = std::make_unique<PostgresDatabase>();
    ASSERT_TRUE(migrate_postgres(database_->options()));
    PostgresRaw raw(database_->url());
    for (const int months_ago : {1, 2}) add_month(raw, months_ago);
    raw.run(R"(
      SET search_path = signal;
      CREATE FUNCTION pg_temp.id(day double precision, n bigint) RETURNS uuid LANGUAGE sql AS $$
        SELECT (lpad(to_hex(((extract(epoch FROM now()) - day * 86400) * 1000)::bigint), 12, '0') || '7000' || lpad(to_hex(n), 16, '8'))::uuid $$;
      INSERT INTO "ActivityInbox" (user_no, user_id, last_seq, live, unread) OVERRIDING SYSTEM VALUE
        SELECT u, CASE u WHEN 1 THEN 'big' WHEN 2 THEN 'small' ELSE 'user-' || u END, CASE u WHEN 1 THEN 200000 ELSE 100 END,
               CASE u WHEN 1 THEN 1010 ELSE 100 END, CASE u WHEN 1 THEN 505 ELSE 50 END FROM generate_series(1, 502) u;
      INSERT INTO "ActivityNotificationRecipient" (user_no, seq, notification_id, read_at, archived_at)
        SELECT 1, i, pg_temp.id(40 - 40.0 * i / 200000, i), CASE WHEN i % 2 = 0 THEN now() END,
               CASE WHEN i > 1000 AND i <= 199990 THEN now() END FROM generate_series(1, 200000) i;
      INSERT INTO "ActivityNotificationRecipient" (user_no, seq, notification_id, read_at)
        SELECT u, i, pg_temp.id(40 - 0.4 * i, u * 1000000 + i), CASE WHEN i % 2 = 0 THEN now() END
        FROM generate_series(2, 502) u, generate_series(1, 100) i;
      INSERT INTO "ActivityNotification" (id, type, title, recipient_scope, created_at, modified_at)
        SELECT notification_id, 't', 'x', 'users', now(), now() FROM "ActivityNotificationRecipient";
      ANALYZE)");
  }
  static void TearDownTestSuite() { database_.reset(); }

  static inline std::unique_ptr<PostgresDatabase> database_;
};

void set_planner(PostgresRaw& raw) {
  for (const auto& [name, value] : postgres::kByIndex) raw.run(std::string{"SET "} + name + " = " + value);
}

/// The plan that a connection keeps for the statement; partitions' indexes go by the names of their parents.
std::vector<std::string> plan_of(const std::string& url, std::string_view sql) {
  PostgresRaw raw(url);
  const std::string pairs =
      "FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid JOIN pg_class p ON p.oid = h.inhparent "
      "WHERE c.relkind = 'i' ORDER BY c.oid";
  const auto children = raw.column("SELECT quote_ident(c.relname) " + pairs);
  const auto parents = raw.column("SELECT quote_ident(p.relname) " + pairs);
  int parameters = 0;
  while (sql.find("$" + std::to_string(parameters + 1)) != std::string_view::npos) ++parameters;
  std::string values;
  for (int i = 0; i < parameters; ++i) values += i == 0 ? "(NULL" : ", NULL";
  if (!values.empty()) values += ")";

  set_planner(raw);
  raw.run("PREPARE statement AS " + std::string{sql});
  auto plan = raw.column("EXPLAIN (COSTS OFF) EXECUTE statement" + values);
  for (std::string& line : plan) {
    for (std::size_t i = 0; i < children.size(); ++i) {
      if (const std::size_t at = line.find(children[i]); at != std::string::npos) {
        line.replace(at, children[i].size(), parents[i]);
        break;
      }
    }
  }
  return plan;
}

/// Each scan of a table enters its index by a condition, and nothing is sorted. The schema's table has one row, always.
void expect_indexed(const std::string& name, const std::vector<std::string>& plan) {
  std::string text;
  for (const std::string& line : plan) text += line + "\n";
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const bool one_row = plan[i].find("Seq Scan on \"ActivitySchema\"") != std::string::npos;
    EXPECT_TRUE(one_row || plan[i].find("Seq Scan") == std::string::npos) << name << "\n" << text;
    EXPECT_EQ(plan[i].find("Bitmap"), std::string::npos) << name << "\n" << text;
    const bool sorts = std::regex_search(plan[i], std::regex("(->  |^)(Incremental )?Sort$"));
    EXPECT_TRUE(!sorts || name == "delivered") << name << "\n" << text;
    if (plan[i].find("Index Scan") == std::string::npos && plan[i].find("Index Only Scan") == std::string::npos)
      continue;
    EXPECT_TRUE(i + 1 < plan.size() && plan[i + 1].find("Index Cond") != std::string::npos)
        << name << " reads a whole index:\n"
        << text;
  }
}

std::set<std::string> recipient_indexes(const std::vector<std::string>& plan) {
  std::set<std::string> found;
  for (const std::string& line : plan) {
    std::smatch match;
    if (std::regex_search(line, match,
                          std::regex(R"re(using "(ActivityRecipient\w+|ActivityNotificationRecipient_pkey)")re"))) {
      found.insert(match[1]);
    }
  }
  return found;
}

void expect_intended_indexes(const std::string& url) {
  const std::map<std::string, std::set<std::string>> intended{
      {"page inbox", {"ActivityRecipientInbox"}},
      {"page inbox upwards", {"ActivityRecipientInbox"}},
      {"page unread", {"ActivityRecipientUnread", "ActivityRecipientReopened"}},
      {"page unread upwards", {"ActivityRecipientUnread", "ActivityRecipientReopened"}},
      {"page archived", {"ActivityRecipientArchive"}},
      {"page archived upwards", {"ActivityRecipientArchive"}},
      {"archive_count", {"ActivityRecipientArchive"}},
      {"count_unread", {"ActivityRecipientUnread", "ActivityRecipientReopened"}},
      {"close_reopened", {"ActivityRecipientReopened"}},
      {"lookup_rows", {"ActivityNotificationRecipient_pkey"}},
      {"acknowledge_ids", {"ActivityNotificationRecipient_pkey"}},
      {"acknowledge_stretch", {"ActivityNotificationRecipient_pkey", "ActivityRecipientInbox"}},
  };
  const postgres::Statements sql("signal");
  std::vector<std::pair<std::string, std::string>> statements;
  for (const auto& [name, text] : sql.all()) statements.emplace_back(name, text);
  // Pages of this month, and of this and the last one.
  const auto now = postgres::month_of(now_wall());
  for (const int months : {0, 1}) {
    for (const auto& [show, name] :
         {std::pair{PageRequest::Show::inbox, "inbox"}, std::pair{PageRequest::Show::unread, "unread"},
          std::pair{PageRequest::Show::archived, "archived"}}) {
      for (const auto& [order, way] : {std::pair{postgres::PageOrder::newest_first, ""},
                                       std::pair{postgres::PageOrder::oldest_first, " upwards"}}) {
        statements.emplace_back(std::string{"page "} + name + way,
                                sql.page_within(show, order, now.plus(-months), now));
        statements.emplace_back(std::string{"page "} + name + way, sql.page_of_month(show, order, now));
      }
    }
  }
  std::set<std::string> seen;
  for (const auto& [name, text] : statements) {
    const auto plan = plan_of(url, text);
    EXPECT_FALSE(plan.empty()) << name;
    expect_indexed(name, plan);
    const auto wanted = intended.find(name);
    if (wanted == intended.end()) continue;
    seen.insert(name);
    EXPECT_EQ(recipient_indexes(plan), wanted->second) << name << "\n" << testing::PrintToString(plan);
  }
  EXPECT_EQ(seen.size(), intended.size());
}

TEST_F(PostgresPlans, EveryStatementEntersItsIndex) {
  expect_intended_indexes(database_->url());
}

// A connection keeps the plans of its first minute: those made while the tables were empty serve when they are full.
TEST(PostgresPlansOfEmptyTables, EveryStatementEntersItsIndex) {
  PostgresDatabase database;
  ASSERT_TRUE(migrate_postgres(database.options()));
  expect_intended_indexes(database.url());
}

/// Pages of 8 KiB that the statement looked at.
int buffers(const std::string& url, const std::string& sql, const std::string& values) {
  PostgresRaw raw(url);
  set_planner(raw);
  raw.run("PREPARE statement AS " + sql);
  raw.run("BEGIN");
  const auto plan = raw.column("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) EXECUTE statement(" + values + ")");
  raw.run("ROLLBACK");
  for (const std::string& line : plan) {
    std::smatch match;
    if (!std::regex_search(line, match, std::regex("Buffers: shared(?: hit=(\\d+))?(?: read=(\\d+))?"))) continue;
    return (match[1].matched ? std::stoi(match[1]) : 0) + (match[2].matched ? std::stoi(match[2]) : 0);
  }
  return 0;
}

TEST_F(PostgresPlans, AnInboxOfManyRowsTakesNoMorePagesThanASmallOne) {
  const postgres::Statements sql("signal");
  using Show = PageRequest::Show;
  using postgres::PageOrder;
  const std::string none = "-9223372036854775808, 9223372036854775807, 21, 0";
  const auto user_no = [](const std::string& user) { return std::string{user == "'big'" ? "1" : "2"}; };
  const std::vector<std::tuple<std::string, std::string, std::function<std::string(const std::string&)>>> cases{
      {"page 1", sql.page(Show::inbox, PageOrder::newest_first), [&](const auto& user) { return user + ", " + none; }},
      {"unread", sql.page(Show::unread, PageOrder::newest_first), [&](const auto& user) { return user + ", " + none; }},
      {"oldest", sql.page(Show::inbox, PageOrder::oldest_first), [&](const auto& user) { return user + ", " + none; }},
      {"unread, oldest", sql.page(Show::unread, PageOrder::oldest_first),
       [&](const auto& user) { return user + ", " + none; }},
      {"counters", sql.inbox, [](const auto& user) { return user; }},
      {"mark all: reopened rows", sql.close_reopened,
       [&](const auto& user) { return user_no(user) + ", 9223372036854775807, now()"; }},
      {"ack of a stretch", sql.acknowledge_stretch,
       [&](const auto& user) { return user + ", 90, 9223372036854775807, 10, now()"; }},
      {"mark all: counters", sql.write_counters, [&](const auto& user) { return user_no(user) + ", 1, 0, 100"; }},
  };
  for (const auto& [what, text, values] : cases) {
    const int small = buffers(database_->url(), text, values("'small'"));
    const int large = buffers(database_->url(), text, values("'big'"));
    std::cout << what << ": " << small << " pages for 100 rows, " << large << " for 200,000\n";
    EXPECT_LE(large, small + small / 2 + 12) << what;
  }
}

}  // namespace
}  // namespace nx::store
