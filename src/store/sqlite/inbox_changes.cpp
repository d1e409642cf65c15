#include "store/sqlite/inbox_changes.hpp"

#include <algorithm>

#include "store/sqlite/inbox_reads.hpp"
#include "store/sqlite/rows.hpp"

namespace nx::store::sqlite {
namespace {

Result<std::optional<RecipientRow>> read_row(Connection& db, const Inbox& inbox, const NotificationId& id) {
  struct Column {
    enum : int { seq, read_at, archived_at, reopened };
  };
  auto query = db.query(R"(SELECT seq, read_at, archived_at, reopened FROM "ActivityNotificationRecipient"
                           WHERE user_no = ?1 AND notification_id = ?2)",
                        inbox.user_no, id);
  const auto found = query.next();
  if (!found) return error_of(found);
  if (!*found) return std::nullopt;
  return RecipientRow{.seq = query.integer(Column::seq),
                      .read_at = query.maybe_time(Column::read_at),
                      .archived_at = query.maybe_time(Column::archived_at),
                      .reopened = query.flag(Column::reopened)};
}

/// Writes the row and updates the counters of `inbox` in memory; write_counters() stores them once.
Result<void> replace_row(Connection& db, Inbox& inbox, const RecipientRow& before, const RecipientRow& after) {
  if (before == after) return {};
  count(inbox, before, after);
  return db
      .query(
          R"(UPDATE "ActivityNotificationRecipient" SET read_at = ?3, archived_at = ?4, reopened = ?5 WHERE user_no = ?1 AND seq = ?2)",
          inbox.user_no, after.seq, after.read_at, after.archived_at, after.reopened)
      .run();
}

Result<void> write_counters(Connection& db, const Inbox& inbox) {
  return db
      .query(R"(UPDATE "ActivityInbox" SET live = ?2, unread = ?3, read_up_to = ?4 WHERE user_no = ?1)", inbox.user_no,
             inbox.live, inbox.unread, inbox.read_up_to)
      .run();
}

/// The number of rows at or below `up_to` that count as unread. For all rows the counter has the number.
Result<std::int64_t> unread_up_to(Connection& db, const Inbox& inbox, std::int64_t up_to) {
  if (up_to >= inbox.last_seq) return inbox.unread;
  auto query = db.query(
      R"(SELECT (SELECT count(*) FROM "ActivityNotificationRecipient" INDEXED BY "ActivityRecipientUnread"
                 WHERE user_no = ?1 AND archived_at IS NULL AND read_at IS NULL AND seq > ?2 AND seq <= ?3)
              + (SELECT count(*) FROM "ActivityNotificationRecipient" INDEXED BY "ActivityRecipientReopened"
                 WHERE user_no = ?1 AND reopened = 1 AND archived_at IS NULL AND read_at IS NULL AND seq <= ?3))",
      inbox.user_no, inbox.read_up_to, up_to);
  const auto row = query.next();
  if (!row) return error_of(row);
  return query.integer(0);
}

/// Rows that were reopened below the mark are marked read one by one, archived ones too; the new mark covers all
/// others.
Result<void> move_mark(Connection& db, Inbox& inbox, std::int64_t up_to, EpochMs now) {
  auto closed = db.query(
      R"(UPDATE "ActivityNotificationRecipient" INDEXED BY "ActivityRecipientReopened" SET read_at = ?3, reopened = 0
                            WHERE user_no = ?1 AND reopened = 1 AND seq <= ?2)",
      inbox.user_no, up_to, now);
  if (auto done = closed.run(); !done) return done;
  if (up_to <= inbox.read_up_to) return {};
  inbox.read_up_to = up_to;
  return db
      .query(R"(INSERT INTO "ActivityReadMark" (user_no, up_to, read_at) VALUES (?1, ?2, ?3))", inbox.user_no, up_to,
             now)
      .run();
}

}  // namespace

Result<std::optional<InboxRow>> change_inbox_row(Connection& db, const UserId& user, const NotificationId& id,
                                                 const Change& change) {
  return db.transaction(Access::write, [&]() -> Result<std::optional<InboxRow>> {
    auto inbox = read_inbox(db, user);
    if (!inbox) return error_of(inbox);
    const auto before = read_row(db, *inbox, id);
    if (!before) return error_of(before);
    if (!*before) return std::nullopt;

    const RecipientRow after = changed(**before, *inbox, change, now_wall());
    if (after != **before) {
      if (auto done = replace_row(db, *inbox, **before, after); !done) return error_of(done);
      if (auto done = write_counters(db, *inbox); !done) return error_of(done);
    }
    return find_inbox_row(db, user, id);
  });
}

Result<Marked> mark_read(Connection& db, const UserId& user, std::span<const NotificationId> ids) {
  return db.transaction(Access::write, [&]() -> Result<Marked> {
    auto inbox = read_inbox(db, user);
    if (!inbox) return error_of(inbox);
    Marked marked;
    marked.read_at = now_wall();
    for (const NotificationId& id : ids) {
      const auto before = read_row(db, *inbox, id);
      if (!before) return error_of(before);
      if (!*before || (*before)->is_read(*inbox)) continue;
      const RecipientRow after = changed(**before, *inbox, {.read = true, .archived = {}}, marked.read_at);
      if (auto done = replace_row(db, *inbox, **before, after); !done) return error_of(done);
      marked.ids.push_back(id);
    }
    if (!marked.ids.empty()) {
      if (auto done = write_counters(db, *inbox); !done) return error_of(done);
    }
    marked.changed = static_cast<std::int64_t>(marked.ids.size());
    marked.unread = inbox->unread;
    return marked;
  });
}

Result<Marked> mark_all_read(Connection& db, const UserId& user, std::optional<std::int64_t> up_to_seq) {
  return db.transaction(Access::write, [&]() -> Result<Marked> {
    auto inbox = read_inbox(db, user);
    if (!inbox) return error_of(inbox);
    Marked marked;
    marked.read_at = now_wall();
    marked.up_to = std::min(up_to_seq.value_or(inbox->last_seq), inbox->last_seq);
    if (marked.up_to > 0) {
      const auto changed = unread_up_to(db, *inbox, marked.up_to);
      if (!changed) return error_of(changed);
      marked.changed = *changed;
      inbox->unread -= *changed;
      if (auto done = move_mark(db, *inbox, marked.up_to, marked.read_at); !done) return error_of(done);
      if (auto done = write_counters(db, *inbox); !done) return error_of(done);
    }
    marked.unread = inbox->unread;
    return marked;
  });
}

}  // namespace nx::store::sqlite
