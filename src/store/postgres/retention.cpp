#include "store/postgres/retention.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/core.h>

#include "store/postgres/statements.hpp"

namespace nx::store::postgres {
namespace {

constexpr std::int64_t kRowsAtOnce = 2'000;  // deleted in one transaction, which locks their inboxes
constexpr std::int64_t kDayMs = 86'400'000;

/// DETACH … CONCURRENTLY is impossible: before PostgreSQL 14, beside a default partition, or because a pooler wraps the
/// statement in a transaction.
bool is_no_way(SqlState state) {
  return state == SqlState::syntax_error || state == SqlState::not_prepared_for_it ||
         state == SqlState::active_transaction;
}

/// $3 live rows in the order of the inbox's index, after row ($1, $2): the index keeps its entries of deleted rows
/// until a vacuum, so a search from its beginning would pass all of them each time.
std::string next_live_rows(const std::string& part) {
  const std::string live =
      fmt::format("SELECT user_no, seq, notification_id FROM {} WHERE archived_at IS NULL AND ", part);
  return fmt::format(
      "SELECT * FROM (({0}user_no = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3) UNION ALL ({0}user_no > $1 ORDER BY "
      "user_no, seq DESC LIMIT $3)) n ORDER BY user_no, seq DESC LIMIT $3",
      live);
}

}  // namespace

Result<void> Retention::run() {
  for (const char* parent : {kRecipients, kNotifications}) {
    if (auto done = finish_earlier(parent); !done) return done;
  }
  if (run_.plan.retention_days == 0 || run_.stopped()) return {};
  return end_expired();
}

Result<void> Retention::finish_earlier(const char* parent) {
  std::vector<EndedMonth> months;
  auto listed = run_.step(
      [&] { return months_ended(db_, run_.schema, parent).map([&](auto found) { months = std::move(found); }); });
  if (!listed) return listed;
  for (const EndedMonth& ended : months) {
    if (run_.tables_back_off() || !run_.goes_on()) return {};
    if (ended.half_attached) {
      const std::string finalize = fmt::format("ALTER TABLE {} DETACH PARTITION {} FINALIZE", run_.table(parent),
                                               run_.table(partition_name(parent, ended.month)));
      auto done = run_.on_tables([&] { return db_.exchange({{finalize, {}}}).map([](const std::vector<Rows>&) {}); });
      if (!done) return done;
      if (run_.tables_back_off()) return {};
    }
    if (auto dropped = drop(parent, ended.month); !dropped) return error_of(dropped);
  }
  return {};
}

Result<void> Retention::end_expired() {
  const EpochMs keep_from{run_.now.value - static_cast<std::int64_t>(run_.plan.retention_days) * kDayMs};
  std::vector<Month> months;  // a run that was interrupted may have left a month in only one of the two tables
  std::vector<Month> of_recipients, of_notifications;
  auto listed = run_.step([&]() -> Result<void> {
    auto recipients = months_present(db_, run_.schema, kRecipients);
    if (!recipients) return error_of(recipients);
    auto notifications = months_present(db_, run_.schema, kNotifications);
    if (!notifications) return error_of(notifications);
    of_recipients = std::move(*recipients);
    of_notifications = std::move(*notifications);
    std::set_union(of_recipients.begin(), of_recipients.end(), of_notifications.begin(), of_notifications.end(),
                   std::back_inserter(months));
    return {};
  });
  if (!listed) return listed;
  for (const Month month : months) {
    if (month.plus(1).begin() > keep_from) break;
    const bool has_recipients = std::binary_search(of_recipients.begin(), of_recipients.end(), month);
    if (has_recipients) {
      if (auto deleted = delete_live(month); !deleted) return deleted;
    }
    if (!run_.goes_on()) return {};
    if (run_.tables_back_off()) {  // the live rows of the other months are still deleted
      run_.not_finished();
      continue;
    }
    auto ended = has_recipients ? end(kRecipients, month) : Result<bool>{true};
    const bool has_notifications = std::binary_search(of_notifications.begin(), of_notifications.end(), month);
    if (ended && *ended && has_notifications) ended = end(kNotifications, month);
    if (!ended) return error_of(ended);
    if (run_.stopped()) return {};
  }
  return {};
}

Result<void> Retention::delete_live(Month month) {
  const std::string part = run_.table(partition_name(kRecipients, month));
  const std::string next = next_live_rows(part);
  // All transactions lock inboxes in the order of their users' ids.
  const std::string lock = in_schema(
      R"(SELECT 1::bigint FROM @"ActivityInbox" WHERE user_no = ANY($1::bigint[]) ORDER BY user_id FOR UPDATE)",
      run_.schema);
  // Deleted, not archived: an archived row would be a new row with entries in three indexes.
  const std::string take_out = fmt::format(
      "WITH gone AS (DELETE FROM {} r USING unnest($1::bigint[], $2::uuid[]) AS t (user_no, id) WHERE r.user_no = "
      "t.user_no AND r.notification_id = t.id AND r.archived_at IS NULL RETURNING r.user_no, r.seq, r.read_at, "
      "r.reopened), {}",
      part,
      in_schema(R"(moved AS (SELECT g.user_no, count(*) AS live,
          count(*) FILTER (WHERE g.read_at IS NULL AND (g.reopened OR g.seq > i.read_up_to)) AS unread
        FROM gone g JOIN @"ActivityInbox" i ON i.user_no = g.user_no GROUP BY g.user_no)
      UPDATE @"ActivityInbox" i SET live = i.live - m.live, unread = i.unread - m.unread FROM moved m
        WHERE i.user_no = m.user_no RETURNING m.live)",
                run_.schema));
  std::int64_t user_no = 0;
  std::int64_t seq = 0;
  bool more = true;
  while (more && run_.goes_on()) {
    // Counted after the commit: the body may run again when the commit fails.
    std::int64_t removed = 0;
    std::int64_t last_user = user_no;
    std::int64_t last_seq = seq;
    auto done = run_.step([&]() -> Result<void> {
      removed = 0;
      auto found = db_.exchange({{next, Parameters(user_no, seq, kRowsAtOnce)}});
      if (!found) return error_of(found);
      const Rows& rows = found->front();
      more = !rows.empty();
      if (!more) return {};
      std::vector<std::int64_t> users;
      std::vector<NotificationId> ids;
      for (int row = 0; row < rows.size(); ++row) {
        users.push_back(rows.integer(row, 0));
        ids.push_back(rows.notification_id(row, 2));
      }
      auto deleted = db_.exchange({{lock, Parameters(users)}, {take_out, Parameters(users, ids)}});
      if (!deleted) return error_of(deleted);
      for (int row = 0; row < deleted->back().size(); ++row) {
        removed += deleted->back().integer(row, 0);
      }
      last_user = users.back();
      last_seq = rows.integer(rows.size() - 1, 1);
      return {};
    });
    if (done) {
      run_.report.live_rows_removed += removed;
      user_no = last_user;
      seq = last_seq;
      continue;
    }
    if (!run_.is_busy()) return done;
    run_.stop();  // an inbox is in use: the next run comes soon, without a back-off of the tables
  }
  return {};
}

Result<bool> Retention::end(const char* parent, Month month) {
  // From now on any instance may finish the removal of this partition.
  const std::string comment =
      fmt::format("COMMENT ON TABLE {} IS {}", run_.table(partition_name(parent, month)), quoted(kEndedComment, '\''));
  auto marked = run_.step([&]() -> Result<void> {
    auto done = db_.exchange({{kShortLocks, {}}, {comment, {}}});
    if (!done) return error_of(done);
    return run_.reserve_tables();
  });
  if (!marked && run_.is_busy()) marked = run_.begin_back_off();
  if (!marked) return error_of(marked);
  if (run_.tables_back_off() || run_.stopped()) return false;
  auto detached = detach(parent, month);
  if (!detached || !*detached) return detached;
  return drop(parent, month);
}

Result<bool> Retention::detach(const char* parent, Month month) {
  auto can_wait = has_session_time_out();
  if (!can_wait) return can_wait;
  if (!*can_wait) return detach_in_transaction(parent, month);
  const std::string detach = fmt::format("ALTER TABLE {} DETACH PARTITION {} CONCURRENTLY", run_.table(parent),
                                         run_.table(partition_name(parent, month)));
  auto done = db_.alone(detach);
  if (done) return true;
  if (is_no_way(db_.last_sqlstate())) return detach_in_transaction(parent, month);
  if (!run_.is_busy()) return error_of(done);
  if (auto begun = run_.begin_back_off(); !begun) return error_of(begun);
  return false;
}

Result<bool> Retention::detach_in_transaction(const char* parent, Month month) {
  const std::string detach =
      fmt::format("ALTER TABLE {} DETACH PARTITION {}", run_.table(parent), run_.table(partition_name(parent, month)));
  auto done = run_.on_tables([&] { return db_.exchange({{detach, {}}}).map([](const std::vector<Rows>&) {}); });
  if (!done) return error_of(done);
  return !run_.tables_back_off() && !run_.stopped();
}

Result<bool> Retention::drop(const char* parent, Month month) {
  // Rows that their users took back from the archive before the table was detached.
  if (parent == std::string_view{kRecipients}) {
    if (auto deleted = delete_live(month); !deleted) return error_of(deleted);
    if (run_.stopped()) return false;
  }
  const std::string drop = "DROP TABLE " + run_.table(partition_name(parent, month));
  auto done = run_.on_tables([&] { return db_.exchange({{drop, {}}}).map([](const std::vector<Rows>&) {}); });
  if (!done) return error_of(done);
  const bool dropped = !run_.tables_back_off() && !run_.stopped();
  run_.report.partitions_dropped += dropped ? 1 : 0;
  return dropped;
}

Result<bool> Retention::has_session_time_out() {
  auto shown = db_.alone("SHOW lock_timeout");
  if (!shown) return error_of(shown);
  return !shown->empty() && shown->text(0, 0) != "0";
}

}  // namespace nx::store::postgres
