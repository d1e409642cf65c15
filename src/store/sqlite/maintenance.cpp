#include "store/sqlite/maintenance.hpp"

#include <algorithm>
#include <limits>

#include "store/inbox_row.hpp"

namespace nx::store::sqlite {
namespace {

using std::chrono::steady_clock;

constexpr std::int64_t kRowsAtOnce = 1'000;
constexpr std::int64_t kKeysAtOnce = 5'000;
constexpr std::size_t kWrongListed = 100;
constexpr std::int64_t kDayMs = 86'400'000;

/// The lowest UUIDv7 of that moment.
NotificationId first_id_at(std::int64_t ms) {
  NotificationId id;
  const auto time = static_cast<std::uint64_t>(std::max<std::int64_t>(0, ms));
  for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(time >> (40 - 8 * i));
  return id;
}

/// Each user's rows from the oldest on: there is no index from a notification to its recipients.
class Retention {
 public:
  Retention(Connection& db, const MaintenancePlan& plan, MaintenanceReport& report, steady_clock::time_point end)
      : db_(db), stopping_(plan.stopping), report_(report), end_(end), now_ms_(now_wall().value) {
    const std::int64_t keep_ms = now_ms_ - static_cast<std::int64_t>(plan.retention_days) * kDayMs;
    expired_ = first_id_at(keep_ms);
    // Rows of one user lie in the order of their commits, ids in that of the clock, which may have been set back.
    young_ = first_id_at(keep_ms + kDayMs);
  }

  Result<void> run() {
    for (std::int64_t user_no = std::numeric_limits<std::int64_t>::min();;) {
      const auto next = next_user(user_no);
      if (!next) return tl::unexpected<Error>(next.error());
      if (!*next) break;
      user_no = **next;
      if (auto done = clear(user_no); !done) return done;
      if (!report_.finished) return {};
    }
    return delete_notifications();
  }

 private:
  bool goes_on() {
    if (stopping_.stop_requested() || steady_clock::now() >= end_) report_.finished = false;
    return report_.finished;
  }

  Result<std::optional<std::int64_t>> next_user(std::int64_t after) {
    auto query = db_.query(R"(SELECT user_no FROM "ActivityInbox" WHERE user_no > ?1 ORDER BY user_no LIMIT 1)", after);
    const auto row = query.next();
    if (!row) return tl::unexpected<Error>(row.error());
    return *row ? std::optional{query.integer(0)} : std::nullopt;
  }

  Result<void> clear(std::int64_t user_no) {
    std::int64_t after = std::numeric_limits<std::int64_t>::min();
    for (bool more = true; more;) {
      if (!goes_on()) return {};
      auto slice = db_.transaction(Access::write, [&] { return clear_slice(user_no, after); });
      if (!slice) return error_of(slice);
      more = *slice;
    }
    return {};
  }

  /// Whether there may be more behind `after`, which it moves.
  Result<bool> clear_slice(std::int64_t user_no, std::int64_t& after) {
    const auto read_up_to = mark_of(user_no);
    if (!read_up_to) return tl::unexpected<Error>(read_up_to.error());
    const Inbox marks{
        .user_no = user_no, .last_seq = 0, .live = 0, .unread = 0, .read_up_to = *read_up_to, .epoch = {}};
    std::vector<std::int64_t> expired;
    std::int64_t live = 0;
    std::int64_t unread = 0;
    std::int64_t seen = 0;
    bool old = true;
    {
      auto rows = db_.query(
          R"(SELECT seq, notification_id, read_at, archived_at, reopened FROM "ActivityNotificationRecipient"
             WHERE user_no = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3)",
          user_no, after, kRowsAtOnce);
      for (;;) {
        const auto found = rows.next();
        if (!found) return tl::unexpected<Error>(found.error());
        if (!*found) break;
        ++seen;
        after = rows.integer(0);
        const NotificationId id = rows.notification_id(1);
        old = id < young_;
        if (!old) break;
        if (!(id < expired_)) continue;
        const RecipientRow row{
            .seq = after, .read_at = rows.maybe_time(2), .archived_at = rows.maybe_time(3), .reopened = rows.flag(4)};
        expired.push_back(row.seq);
        live += int{row.is_live()};
        unread += int{row.counts_as_unread(marks)};
      }
    }
    for (const std::int64_t seq : expired) {
      auto gone =
          db_.query(R"(DELETE FROM "ActivityNotificationRecipient" WHERE user_no = ?1 AND seq = ?2)", user_no, seq);
      if (auto done = gone.run(); !done) return error_of(done);
    }
    auto counters = db_.query(R"(UPDATE "ActivityInbox" SET live = live - ?2, unread = unread - ?3 WHERE user_no = ?1)",
                              user_no, live, unread);
    if (auto done = counters.run(); !done) return error_of(done);
    report_.rows_archived += live;
    report_.rows_deleted += static_cast<std::int64_t>(expired.size());
    return old && seen == kRowsAtOnce;
  }

  Result<std::int64_t> mark_of(std::int64_t user_no) {
    auto query = db_.query(R"(SELECT read_up_to FROM "ActivityInbox" WHERE user_no = ?1)", user_no);
    const auto row = query.next();
    if (!row) return tl::unexpected<Error>(row.error());
    return *row ? query.integer(0) : 0;
  }

  Result<void> delete_notifications() {
    for (std::int64_t gone = kRowsAtOnce; gone == kRowsAtOnce && goes_on();) {
      auto slice = db_.transaction(Access::write, [&]() -> Result<std::int64_t> {
        auto query = db_.query(
            R"(DELETE FROM "ActivityNotification" WHERE id IN
                 (SELECT id FROM "ActivityNotification" WHERE id < ?1 ORDER BY id LIMIT ?2) RETURNING 1)",
            expired_, kRowsAtOnce);
        std::int64_t rows = 0;
        for (;; ++rows) {
          const auto row = query.next();
          if (!row) return tl::unexpected<Error>(row.error());
          if (!*row) return rows;
        }
      });
      if (!slice) return error_of(slice);
      gone = *slice;
      report_.rows_deleted += gone;
    }
    return {};
  }

  Connection& db_;
  const std::stop_token& stopping_;
  MaintenanceReport& report_;
  const steady_clock::time_point end_;
  const std::int64_t now_ms_;
  NotificationId expired_;  // ids below are
  NotificationId young_;    // from here on no older row follows
};

class SqliteMaintenance final : public Maintenance {
 public:
  explicit SqliteMaintenance(std::unique_ptr<Connection> db) : db_(std::move(db)) {}

  Result<MaintenanceReport> run(const MaintenancePlan& plan) override {
    MaintenanceReport report;
    const auto end = steady_clock::now() + plan.budget;
    Result<void> done;
    if (plan.retention_days > 0) done = Retention(*db_, plan, report, end).run();
    if (done) done = purge_keys(plan, report, end);
    if (done) return report;
    if (!db_->was_busy()) return error_of(done);
    report.finished = false;  // writers come first; the rest is for the next run
    return report;
  }

  Result<Audit> audit() override {
    Audit audit;
    auto visited = visit_users([&audit](WrongCounters user) -> Result<void> {
      ++audit.users;
      if (!is_wrong(user)) return {};
      ++audit.wrong_users;
      if (audit.wrong.size() < kWrongListed) audit.wrong.push_back(std::move(user));
      return {};
    });
    if (!visited) return error_of(visited);
    return audit;
  }

  Result<std::int64_t> recount() override {
    std::int64_t repaired = 0;
    auto visited = visit_users([&](const WrongCounters& seen) -> Result<void> {
      if (!is_wrong(seen)) return {};
      return db_->transaction(Access::write, [&]() -> Result<void> {
        const auto now = compare(seen.user.value);
        if (!now) return tl::unexpected<Error>(now.error());
        if (!is_wrong(*now)) return {};
        ++repaired;
        return db_
            ->query(
                R"(UPDATE "ActivityInbox" SET live = ?2, unread = ?3, last_seq = max(last_seq, ?4) WHERE user_id = ?1)",
                seen.user.value, now->rows_live, now->rows_unread, now->rows_last_seq)
            .run();
      });
    });
    if (!visited) return error_of(visited);
    return repaired;
  }

 private:
  /// One pass over the keys in their own order: there is no index on their age.
  Result<void> purge_keys(const MaintenancePlan& plan, MaintenanceReport& report, steady_clock::time_point end) {
    const EpochMs keep_from{now_wall().value -
                            std::chrono::duration_cast<std::chrono::milliseconds>(plan.key_age).count()};
    std::string after;
    for (;;) {
      if (plan.stopping.stop_requested() || steady_clock::now() >= end) report.finished = false;
      if (!report.finished) return {};
      auto last = db_->transaction(Access::write, [&]() -> Result<std::optional<std::string>> {
        auto last_key = key_behind(after);
        if (!last_key || !*last_key) return last_key;
        const std::string last_of_slice = **last_key;
        auto gone = db_->query(
            R"(DELETE FROM "ActivityNotificationKey" WHERE key > ?1 AND key <= ?2 AND created_at < ?3 RETURNING 1)",
            bytes(after), bytes(last_of_slice), keep_from);
        for (;; ++report.keys_purged) {
          const auto row = gone.next();
          if (!row) return tl::unexpected<Error>(row.error());
          if (!*row) return last_key;
        }
      });
      if (!last) return error_of(last);
      if (!*last) return {};
      after = **last;
    }
  }

  /// The last key of the slice that begins behind `after`; none at the end.
  Result<std::optional<std::string>> key_behind(const std::string& after) {
    auto query = db_->query(
        R"(SELECT max(key) FROM (SELECT key FROM "ActivityNotificationKey" WHERE key > ?1 ORDER BY key LIMIT ?2))",
        bytes(after), kKeysAtOnce);
    const auto row = query.next();
    if (!row) return tl::unexpected<Error>(row.error());
    return query.maybe_text(0);
  }

  static std::span<const std::uint8_t> bytes(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  }

  /// Rows that retention deleted leave last_seq where it is.
  static bool is_wrong(const WrongCounters& user) {
    return user.live != user.rows_live || user.unread != user.rows_unread || user.last_seq < user.rows_last_seq;
  }

  template <class Visit>
  Result<void> visit_users(Visit visit) {
    for (std::int64_t after = std::numeric_limits<std::int64_t>::min();;) {
      std::string user;
      {
        auto query = db_->query(
            R"(SELECT user_no, user_id FROM "ActivityInbox" WHERE user_no > ?1 ORDER BY user_no LIMIT 1)", after);
        const auto row = query.next();
        if (!row) return tl::unexpected<Error>(row.error());
        if (!*row) return {};
        after = query.integer(0);
        user = query.text(1);
      }
      auto counters = compare(user);
      if (!counters) return error_of(counters);
      if (auto visited = visit(std::move(*counters)); !visited) return visited;
    }
  }

  /// Kept and counted, of one statement and so of one snapshot.
  Result<WrongCounters> compare(const std::string& user) {
    auto query = db_->query(
        R"(SELECT i.live, i.unread, i.last_seq, count(r.seq) FILTER (WHERE r.archived_at IS NULL),
             count(r.seq) FILTER (WHERE r.archived_at IS NULL AND r.read_at IS NULL AND (r.seq > i.read_up_to OR r.reopened = 1)),
             coalesce(max(r.seq), 0)
           FROM "ActivityInbox" i LEFT JOIN "ActivityNotificationRecipient" r ON r.user_no = i.user_no WHERE i.user_id = ?1
           GROUP BY i.user_no)",
        user);
    const auto row = query.next();
    if (!row) return tl::unexpected<Error>(row.error());
    WrongCounters counters{.user = {user}};
    if (!*row) return counters;
    counters.live = query.integer(0);
    counters.unread = query.integer(1);
    counters.last_seq = query.integer(2);
    counters.rows_live = query.integer(3);
    counters.rows_unread = query.integer(4);
    counters.rows_last_seq = query.integer(5);
    return counters;
  }

  std::unique_ptr<Connection> db_;
};

}  // namespace

std::unique_ptr<Maintenance> make_maintenance(std::unique_ptr<Connection> db) {
  return std::make_unique<SqliteMaintenance>(std::move(db));
}

}  // namespace nx::store::sqlite
