#include "store/sqlite/retention.hpp"

#include <algorithm>
#include <limits>

#include "store/notification_id_range.hpp"
#include "store/recipient_row.hpp"

namespace nx::store::sqlite {
namespace {

using std::chrono::steady_clock;

constexpr std::int64_t kRowsAtOnce = 1'000;
constexpr std::int64_t kDayMs = 86'400'000;

/// Walks over each user's rows from the oldest on, because there is no index from a notification to its recipients.
class Retention {
 public:
  Retention(Connection& db, const MaintenancePlan& plan, MaintenanceReport& report, steady_clock::time_point end)
      : db_(db), stopping_(plan.stopping), report_(report), end_(end), now_ms_(now_wall().value) {
    const std::int64_t keep_ms = now_ms_ - static_cast<std::int64_t>(plan.retention_days) * kDayMs;
    expired_ = first_id_at({keep_ms});
    // The rows of one user are in the order of their commits, ids in the order of the clock, which may have been set
    // back.
    young_ = first_id_at({keep_ms + kDayMs});
  }

  Result<void> run() {
    for (std::int64_t user_no = std::numeric_limits<std::int64_t>::min();;) {
      const auto next = next_user(user_no);
      if (!next) return error_of(next);
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
    if (!row) return error_of(row);
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

  /// Returns whether there may be more rows after `after`, which it moves.
  Result<bool> clear_slice(std::int64_t user_no, std::int64_t& after) {
    const auto read_up_to = mark_of(user_no);
    if (!read_up_to) return error_of(read_up_to);
    const Inbox marks{
        .user_no = user_no, .last_seq = 0, .live = 0, .unread = 0, .read_up_to = *read_up_to, .epoch = {}};
    std::vector<std::int64_t> expired;
    std::int64_t live = 0;
    std::int64_t unread = 0;
    std::int64_t seen = 0;
    bool old = true;
    {
      struct Column {
        enum : int { seq, notification_id, read_at, archived_at, reopened };
      };
      auto rows = db_.query(
          R"(SELECT seq, notification_id, read_at, archived_at, reopened FROM "ActivityNotificationRecipient"
             WHERE user_no = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3)",
          user_no, after, kRowsAtOnce);
      for (;;) {
        const auto found = rows.next();
        if (!found) return error_of(found);
        if (!*found) break;
        ++seen;
        after = rows.integer(Column::seq);
        const NotificationId id = rows.notification_id(Column::notification_id);
        old = id < young_;
        if (!old) break;
        if (!(id < expired_)) continue;
        const RecipientRow row{.seq = after,
                               .read_at = rows.maybe_time(Column::read_at),
                               .archived_at = rows.maybe_time(Column::archived_at),
                               .reopened = rows.flag(Column::reopened)};
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
    report_.live_rows_removed += live;
    report_.rows_deleted += static_cast<std::int64_t>(expired.size());
    return old && seen == kRowsAtOnce;
  }

  Result<std::int64_t> mark_of(std::int64_t user_no) {
    auto query = db_.query(R"(SELECT read_up_to FROM "ActivityInbox" WHERE user_no = ?1)", user_no);
    const auto row = query.next();
    if (!row) return error_of(row);
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
          if (!row) return error_of(row);
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
  NotificationId expired_;  // lower ids are expired
  NotificationId young_;    // after a row with this id or a higher one, no expired row follows
};

}  // namespace

Result<void> delete_expired(Connection& db, const MaintenancePlan& plan, MaintenanceReport& report,
                            steady_clock::time_point end) {
  return Retention(db, plan, report, end).run();
}

}  // namespace nx::store::sqlite
