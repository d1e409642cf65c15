#include "store/postgres/counters_audit.hpp"

#include "store/postgres/statements.hpp"

namespace nx::store::postgres {
namespace {

constexpr std::int64_t kUsersAtOnce = 200;
constexpr std::size_t kWrongListed = 100;

/// The columns of comparison().
struct ComparisonColumn {
  enum : int { user_no, user_id, live, unread, last_seq, rows_live, rows_unread, rows_last_seq };
};

/// The stored and the counted values, read by one statement and so in one snapshot.
std::string comparison(const std::string& schema, const std::string& which) {
  return in_schema(R"(SELECT i.user_no, i.user_id, i.live, i.unread, i.last_seq, c.live, c.unread, c.last_seq
    FROM @"ActivityInbox" i CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE archived_at IS NULL) AS live,
        count(*) FILTER (WHERE archived_at IS NULL AND read_at IS NULL AND (reopened OR seq > i.read_up_to)) AS unread,
        coalesce(max(seq), 0) AS last_seq
      FROM @"ActivityNotificationRecipient" WHERE user_no = i.user_no OFFSET 0) c WHERE )",
                   schema) +
         which;
}

WrongCounters counters_of(const Rows& rows, int row) {
  return {.user = {rows.text(row, ComparisonColumn::user_id)},
          .live = rows.integer(row, ComparisonColumn::live),
          .unread = rows.integer(row, ComparisonColumn::unread),
          .last_seq = rows.integer(row, ComparisonColumn::last_seq),
          .rows_live = rows.integer(row, ComparisonColumn::rows_live),
          .rows_unread = rows.integer(row, ComparisonColumn::rows_unread),
          .rows_last_seq = rows.integer(row, ComparisonColumn::rows_last_seq)};
}

/// Retention deletes rows but does not change last_seq.
bool is_wrong(const WrongCounters& user) {
  return user.live != user.rows_live || user.unread != user.rows_unread || user.last_seq < user.rows_last_seq;
}

Result<std::int64_t> last_user_no(Connection& db, const std::string& schema) {
  const std::string last = in_schema(R"(SELECT coalesce(max(user_no), 0)::bigint FROM @"ActivityInbox")", schema);
  return db.read({{last, {}}}).map([](const std::vector<Rows>& answer) { return answer.front().integer(0, 0); });
}

template <class Visit>
Result<std::int64_t> visit_users(Connection& db, const std::string& schema, const LongWork& work, Visit visit) {
  const std::string page = comparison(schema, "i.user_no > $1 ORDER BY i.user_no LIMIT $2");
  const auto last = last_user_no(db, schema);
  if (!last) return error_of(last);
  std::int64_t users = 0;
  std::int64_t at_once = kUsersAtOnce;
  for (std::int64_t after = work.after;;) {
    auto answer = db.read({{page, Parameters(after, at_once)}});
    if (!answer && answer.error().kind == ErrorKind::too_broad && at_once > 1) {
      at_once = std::max<std::int64_t>(1, at_once / 8);
      continue;
    }
    if (!answer) return error_of(answer);
    const Rows& rows = answer->front();
    for (int row = 0; row < rows.size(); ++row) {
      after = rows.integer(row, ComparisonColumn::user_no);
      if (auto visited = visit(counters_of(rows, row)); !visited) return error_of(visited);
    }
    users += rows.size();
    if (rows.size() < at_once) return users;
    const Slice slice{.done = users, .share = share_of_positions(work.after, *last, after), .position = after};
    if (!work.goes_on(slice)) return users;
  }
}

}  // namespace

Result<Audit> audit_counters(Connection& db, const std::string& schema, const LongWork& work) {
  Audit audit;
  auto users = visit_users(db, schema, work, [&audit](WrongCounters user) -> Result<void> {
    if (!is_wrong(user)) return {};
    ++audit.wrong_users;
    if (audit.wrong.size() < kWrongListed) audit.wrong.push_back(std::move(user));
    return {};
  });
  if (!users) return error_of(users);
  audit.users = *users;
  return audit;
}

Result<std::int64_t> repair_counters(Connection& db, const std::string& schema, const LongWork& work) {
  const std::string lock = in_schema(R"(SELECT 1::bigint FROM @"ActivityInbox" WHERE user_id = $1 FOR UPDATE)", schema);
  const std::string compare = comparison(schema, "i.user_id = $1");
  const std::string repair = in_schema(
      R"(UPDATE @"ActivityInbox" SET live = $2, unread = $3, last_seq = greatest(last_seq, $4), mapped_to = 0, month = 0
           WHERE user_id = $1)",
      schema);
  std::int64_t repaired = 0;
  auto users = visit_users(db, schema, work, [&](const WrongCounters& seen) -> Result<void> {
    if (!is_wrong(seen)) return {};
    return db.write([&]() -> Result<void> {
      auto answer = db.exchange({{lock, Parameters(seen.user.value)}, {compare, Parameters(seen.user.value)}});
      if (!answer) return error_of(answer);
      const WrongCounters now = counters_of(answer->back(), 0);
      if (!is_wrong(now)) return {};
      auto done = db.finish({{repair, Parameters(seen.user.value, now.rows_live, now.rows_unread, now.rows_last_seq)}});
      if (!done) return error_of(done);
      ++repaired;
      return {};
    });
  });
  if (!users) return error_of(users);
  return repaired;
}

}  // namespace nx::store::postgres
