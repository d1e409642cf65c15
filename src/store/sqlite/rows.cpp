#include "store/sqlite/rows.hpp"

#include "store/message_key.hpp"

namespace nx::store::sqlite {
Result<Inbox> read_inbox(Connection& db, const UserId& user) {
  auto query = db.query(R"(SELECT coalesce(i.user_no, 0), coalesce(i.last_seq, 0), coalesce(i.live, 0),
           coalesce(i.unread, 0), coalesce(i.read_up_to, 0), s.epoch
         FROM "ActivitySchema" s LEFT JOIN "ActivityInbox" i ON i.user_id = ?1)",
                        user.value);
  const auto row = query.next();
  if (!row) return error_of(row);
  if (!*row) return Inbox{};
  return Inbox{query.integer(0), query.integer(1), query.integer(2), query.integer(3), query.integer(4), query.text(5)};
}

Result<Notification> read_notification(const Query& row) {
  auto scope = scope_of(row.text(7));
  if (!scope) return error_of(scope);
  return Notification{
      .id = row.notification_id(0),
      .key = row.maybe_text(1),
      .type = row.text(2),
      .title = row.text(3),
      .body = row.maybe_text(4),
      .data = row.maybe_text(5),
      .extra = row.maybe_text(6),
      .scope = *scope,
      .organizer_id = row.maybe_text(8),
      .merchant_id = row.maybe_text(9),
      .actor_id = row.maybe_text(10),
      .occurred_at = row.maybe_time(11),
      .created_at = EpochMs{row.integer(12)},
      .modified_at = EpochMs{row.integer(13)},
  };
}

Result<InboxRow> read_inbox_row(const Query& row) {
  auto notification = read_notification(row);
  if (!notification) return error_of(notification);
  return InboxRow{.notification = *std::move(notification),
                  .seq = row.integer(14),
                  .read_at = row.maybe_time(16),
                  .archived_at = row.maybe_time(15)};
}

}  // namespace nx::store::sqlite
