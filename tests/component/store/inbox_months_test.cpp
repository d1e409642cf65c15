// The map of months that pages are read by: who writes it, what happens without it, and what it saves.

#include <algorithm>
#include <random>

#include <climits>

#include "component/store/postgres_months_fixture.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store {
namespace {

using Show = PageRequest::Show;

class InboxMonths : public PostgresMonths {
 protected:
  struct Row {
    std::int64_t seq;
    int months_ago;
    bool archived = false, read = false, reopened = false;
  };

  /// An inbox as programs before version 6 have filled it: rows and no map.
  void lay(const std::string& user, const std::vector<Row>& rows, std::int64_t mark = 0) {
    std::string values;
    std::int64_t live = 0, unread = 0;
    for (const Row& row : rows) {
      const auto flag = [](bool set) { return std::string{set ? "true" : "false"}; };
      values += (values.empty() ? "(" : ", (") + std::to_string(row.seq) + ", " + std::to_string(row.months_ago) +
                ", " + flag(row.archived) + ", " + flag(row.read) + ", " + flag(row.reopened) + ")";
      live += row.archived ? 0 : 1;
      unread += !row.archived && !row.read && (row.reopened || row.seq > mark) ? 1 : 0;
    }
    const std::string last = std::to_string(rows.back().seq);
    raw().run(R"(INSERT INTO signal."ActivityInbox" (user_id, last_seq, live, unread, read_up_to) VALUES (')" + user +
              "', " + last + ", " + std::to_string(live) + ", " + std::to_string(unread) + ", " + std::to_string(mark) +
              R"();
      CREATE TEMP TABLE laid AS SELECT i.user_no, v.*, (lpad(to_hex((extract(epoch FROM date_trunc('month', now() AT TIME ZONE 'UTC')
          - v.ago * interval '1 month' + interval '1 day') * 1000)::bigint), 12, '0') || '70008' || lpad(to_hex(i.user_no), 7, '0') || lpad(to_hex(v.seq), 8, '0'))::uuid AS id
        FROM signal."ActivityInbox" i, (VALUES )" +
              values + R"() v (seq, ago, archived, read, reopened) WHERE i.user_id = ')" + user + R"(';
      INSERT INTO signal."ActivityNotification" (id, type, title, recipient_scope, created_at, modified_at)
        SELECT id, 't', seq::text, 'users', now(), now() FROM laid;
      INSERT INTO signal."ActivityNotificationRecipient" (user_no, seq, notification_id, archived_at, read_at, reopened)
        SELECT user_no, seq, id, CASE WHEN archived THEN now() END, CASE WHEN read THEN now() END, reopened FROM laid;
      DROP TABLE laid)");
  }
  PostgresRaw& raw() { return backend_.raw(); }
  std::string runs_of(const std::string& user) {
    return *raw().run(R"(SELECT coalesce(string_agg(m.first_seq || ':' || extract(month FROM age(
        date_trunc('month', now() AT TIME ZONE 'UTC'), make_timestamp((m.month / 12)::int, (m.month % 12)::int + 1, 1, 0, 0, 0))), ' ' ORDER BY m.first_seq), '')
      FROM signal."ActivityInboxMonth" m JOIN signal."ActivityInbox" i USING (user_no) WHERE i.user_id = ')" +
                      user + "'");
  }
  bool is_mapped(const std::string& user) {
    return *raw().run(R"(SELECT mapped_to = last_seq FROM signal."ActivityInbox" WHERE user_id = ')" + user + "'") ==
           "t";
  }
  void walk_again() { raw().run(R"(UPDATE signal."ActivityUpkeep" SET map_from = now(), mapped_through = 0)"); }
  /// Seqs of a page.
  std::vector<std::int64_t> seqs(const PageRequest& request) {
    const auto page = store_->page(request);
    EXPECT_TRUE(page) << page.error().message;
    std::vector<std::int64_t> found;
    if (page) {
      for (const auto& row : page->rows) found.push_back(row.seq);
      if (page->more) found.push_back(-1);
    }
    return found;
  }
};

TEST_F(InboxMonths, IngestEntersAMonthOnceForEachUser) {
  ASSERT_TRUE(store_->ingest(std::vector{message("a"), message("b")}));
  ASSERT_TRUE(store_->ingest(std::vector{message("c")}));
  EXPECT_EQ(runs_of("u1"), "1:0");
  EXPECT_TRUE(is_mapped("u1"));

  // As if these had been of the month before.
  raw().run(
      R"(UPDATE signal."ActivityInbox" SET month = month - 1; UPDATE signal."ActivityInboxMonth" SET month = month - 1)");
  ASSERT_TRUE(store_->ingest(std::vector{message("d"), message("e")}));
  ASSERT_TRUE(store_->ingest(std::vector{message("f")}));
  EXPECT_EQ(runs_of("u1"), "1:1 4:0");
  EXPECT_TRUE(is_mapped("u1"));
}

TEST_F(InboxMonths, BehindRowsOfAnOlderProgramNothingIsEnteredAndPagesLookEverywhere) {
  ASSERT_TRUE(store_->ingest(std::vector{message("a")}));
  // An older program's upsert knows no map.
  const auto b = store_->ingest(std::vector{message("b")});
  raw().run(R"(UPDATE signal."ActivityInbox" SET mapped_to = 1)");
  backend_.age(b->front().notification.id, 40);
  raw().run(R"(UPDATE signal."ActivityInbox" SET mapped_to = 1)");
  ASSERT_TRUE(store_->ingest(std::vector{message("c")}));
  EXPECT_FALSE(is_mapped("u1"));
  EXPECT_EQ(seqs(page_of("u1")), (std::vector<std::int64_t>{3, 2, 1}));

  run({});
  EXPECT_TRUE(is_mapped("u1"));
  EXPECT_EQ(seqs(page_of("u1")), (std::vector<std::int64_t>{3, 2, 1}));
  ASSERT_TRUE(store_->ingest(std::vector{message("d")}));
  EXPECT_TRUE(is_mapped("u1"));
  EXPECT_EQ(seqs(page_of("u1")), (std::vector<std::int64_t>{4, 3, 2, 1}));
}

TEST_F(InboxMonths, MaintenanceEntersWhatOlderProgramsWroteInSlices) {
  std::vector<Row> large;
  for (std::int64_t seq = 1; seq <= 12'000; ++seq) {
    large.push_back({seq, seq <= 7'000 ? 3 : seq % 4'000 == 0 ? 2 : 1, seq % 3 == 0});
  }
  lay("large", large);
  for (int user = 0; user < 30; ++user) lay("user-" + std::to_string(user), {{1, 2}, {3, 1}, {7, 0}});
  EXPECT_FALSE(is_mapped("large"));

  EXPECT_TRUE(run({}).finished);

  EXPECT_EQ(*raw().run(R"(SELECT count(*) FROM signal."ActivityInbox" WHERE mapped_to <> last_seq)"), "0");
  EXPECT_EQ(runs_of("user-7"), "1:2 3:1 7:0");
  // A slice begins a run of its own, which says the same.
  EXPECT_EQ(runs_of("large"), "1:3 5001:3 7001:1 8000:2 8001:1 10001:1 12000:2");
  EXPECT_EQ(
      *raw().run(
          R"(SELECT count(*) FROM signal."ActivityUpkeep" WHERE mapped_through = 0 AND map_from > now() + interval '50 minutes')"),
      "1");
}

TEST_F(InboxMonths, AnInboxInUseIsLeftToTheNextWalk) {
  lay("held", {{1, 2}, {2, 1}});
  lay("large", [] {
    std::vector<Row> rows;
    for (std::int64_t seq = 1; seq <= 6'000; ++seq) rows.push_back({seq, 1});
    return rows;
  }());
  lay("free", {{1, 2}, {2, 1}});
  PostgresRaw holder(backend_.database().url());
  holder.run(R"(BEGIN; SELECT 1 FROM signal."ActivityInbox" WHERE user_id IN ('held', 'large') FOR UPDATE)");
  EXPECT_TRUE(run({}).finished);
  EXPECT_FALSE(is_mapped("held"));
  EXPECT_FALSE(is_mapped("large"));
  EXPECT_TRUE(is_mapped("free"));

  holder.run("COMMIT");
  run({});
  EXPECT_FALSE(is_mapped("held")) << "walks are an hour apart";
  walk_again();
  run({});
  EXPECT_TRUE(is_mapped("held"));
  EXPECT_TRUE(is_mapped("large"));
}

// What pages say does not depend on the map, whatever the rows are.
TEST_F(InboxMonths, PagesSayTheSameWithAndWithoutTheMap) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random{seed};
  const auto any = [&random](int below) { return std::uniform_int_distribution<int>{0, below - 1}(random); };
  for (int user = 0; user < 6; ++user) {
    std::vector<Row> rows;
    std::int64_t seq = 0;
    int months_ago = 8;
    const int count = 20 + any(60);
    const int mark = any(2) == 0 ? 0 : any(80);
    for (int i = 0; i < count; ++i) {
      seq += any(10) == 0 ? 1 + any(5) : 1;
      if (any(6) == 0) months_ago = std::max(0, months_ago - any(3));
      const bool read = any(3) == 0;
      rows.push_back({.seq = seq,
                      .months_ago = any(12) == 0 ? std::min(8, months_ago + 1) : months_ago,
                      .archived = any(3) == 0,
                      .read = read,
                      .reopened = !read && seq <= mark && any(4) == 0});
    }
    lay("user-" + std::to_string(user), rows, mark);
  }
  std::vector<PageRequest> requests;
  for (int i = 0; i < 300; ++i) {
    PageRequest request = page_of("user-" + std::to_string(any(6)));
    request.limit = static_cast<std::size_t>(1 + any(20));
    request.show = std::array{Show::inbox, Show::unread, Show::archived}[static_cast<std::size_t>(any(3))];
    if (any(3) == 0) request.before_seq = any(100);
    if (any(3) == 0) request.since_seq = any(100);
    if (any(4) == 0) request.skip = static_cast<std::size_t>(any(30));
    requests.push_back(request);
  }
  std::vector<std::vector<std::int64_t>> without;
  std::vector<std::optional<std::int64_t>> totals;
  for (const PageRequest& request : requests) {
    without.push_back(seqs(request));
    totals.push_back(store_->page(request)->total);
  }
  run({});
  ASSERT_EQ(*raw().run(R"(SELECT count(*) FROM signal."ActivityInbox" WHERE mapped_to <> last_seq)"), "0");
  int filled = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const PageRequest& request = requests[i];
    EXPECT_EQ(seqs(request), without[i]) << request.user.value << ", show " << static_cast<int>(request.show)
                                         << ", limit " << request.limit << ", before "
                                         << request.before_seq.value_or(-1) << ", since "
                                         << request.since_seq.value_or(-1) << ", skip " << request.skip;
    EXPECT_EQ(store_->page(request)->total, totals[i]);
    filled += without[i].empty() ? 0 : 1;
  }
  EXPECT_GT(filled, 100);
}

TEST_F(InboxMonths, AMonthThatRetentionDropsLeavesTheMapAndItsMarksGo) {
  lay("u1", {{1, 8}, {2, 8}, {3, 7}, {4, 1}, {5, 0}});
  raw().run(
      R"(INSERT INTO signal."ActivityReadMark" SELECT user_no, up_to, now() FROM signal."ActivityInbox", (VALUES (1), (2), (4)) v (up_to))");
  run({});
  EXPECT_EQ(runs_of("u1"), "1:8 3:7 4:1 5:0");

  walk_again();
  EXPECT_GT(run({.retention_days = 90}).partitions_dropped, 0U);
  EXPECT_EQ(runs_of("u1"), "4:1 5:0");
  EXPECT_EQ(*raw().run(R"(SELECT string_agg(up_to::text, ' ') FROM signal."ActivityReadMark")"), "4");
  EXPECT_EQ(seqs(page_of("u1")), (std::vector<std::int64_t>{5, 4}));
  ASSERT_TRUE(store_->ingest(std::vector{message("a")}));
  EXPECT_EQ(seqs(page_of("u1")), (std::vector<std::int64_t>{6, 5, 4}));
}

// Its rows may be of any month, and are there as long as it is.
TEST_F(InboxMonths, BesideADefaultPartitionNoRunIsForgotten) {
  backend_.attach_default();
  lay("u1", {{1, 20}, {2, 20}, {3, 1}, {4, 0}});
  run({});
  walk_again();
  run({});
  EXPECT_TRUE(is_mapped("u1"));
  EXPECT_EQ(*raw().run(R"(SELECT count(*) FROM signal."ActivityInboxMonth")"), "3");
  EXPECT_EQ(seqs(page_of("u1")), (std::vector<std::int64_t>{4, 3, 2, 1}));
}

TEST_F(InboxMonths, ARecountHasTheMapMadeAgain) {
  lay("u1", {{1, 3}, {2, 1}, {3, 0}});
  run({});
  raw().run(R"(UPDATE signal."ActivityInbox" SET live = 0; UPDATE signal."ActivityInboxMonth" SET month = month - 1)");
  EXPECT_EQ(*maintenance_->recount(), 1);
  EXPECT_FALSE(is_mapped("u1"));
  EXPECT_EQ(seqs(page_of("u1")), (std::vector<std::int64_t>{3, 2, 1}));
  walk_again();
  run({});
  EXPECT_EQ(runs_of("u1"), "1:3 2:1 3:0");
}

// 120 months: a page holds the locks of the one that it reads.
TEST_F(InboxMonths, APageLocksTheTablesOfItsMonthAlone) {
  for (int months = 9; months <= 120; ++months) add_month(raw(), months);
  ASSERT_TRUE(store_->ingest(std::vector{message("a"), message("b")}));
  const postgres::Statements sql("signal");
  const auto month = postgres::month_of(now_wall());
  struct Asked {
    std::string text, types, values;
  };
  const auto locks = [&](const std::vector<Asked>& statements) {
    PostgresRaw session(backend_.database().url());
    for (const auto& setting : postgres::kByIndex) {
      session.run(std::string{"SET "} + setting.name + " = " + setting.value);
    }
    std::string all;
    for (std::size_t i = 0; i < statements.size(); ++i) {
      const std::string name = "s" + std::to_string(i);
      session.run("PREPARE " + name + " " + statements[i].types + " AS " + statements[i].text);
      all += "EXECUTE " + name + "(" + statements[i].values + ");";
    }
    session.run(all);  // the plans
    // Autovacuum may analyse a table in between: the plan is then made anew, which opens every index of the month once.
    // That only adds locks, so the smallest of a few counts is that of the kept plans.
    int fewest = INT_MAX;
    for (int i = 0; i < 5; ++i) {
      session.run("BEGIN; " + all);
      fewest = std::min(fewest, std::stoi(*session.run(
                                    "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND relation IS NOT "
                                    "NULL AND relation::regclass::text NOT LIKE 'pg_%'")));
      session.run("COMMIT");
    }
    return fewest;
  };
  const std::vector<Asked> counters{{sql.inbox, "", "'u1'"}, {sql.months, "", "'u1', 9223372036854775807, 64"}};
  for (const auto show : {Show::inbox, Show::unread, Show::archived}) {
    for (const auto order : {postgres::PageOrder::newest_first, postgres::PageOrder::oldest_first}) {
      auto page = counters;
      page.push_back({sql.page_within(show, order, month, month), "(bigint, bigint, bigint, bigint, bigint, bigint)",
                      "1, 0, 3, 11, 0, 0"});
      EXPECT_LE(locks(page), 16);
      auto guess = counters;
      guess.push_back({sql.page_of_month(show, order, month), "", "'u1', 0, 3, 11, 0"});
      EXPECT_LE(locks(guess), 16);
    }
  }
  EXPECT_LE(locks({counters[0]}), 16) << "the unread count";
  auto everywhere = counters;
  everywhere.push_back({sql.page(Show::inbox, postgres::PageOrder::newest_first), "", "'u1', 0, 3, 11, 0"});
  EXPECT_GT(locks(everywhere), 120) << "what is counted are locks of months";
}

}  // namespace
}  // namespace nx::store
