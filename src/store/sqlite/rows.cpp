#include "store/sqlite/rows.hpp"

#include "store/message_key.hpp"

namespace nx::store::sqlite {

Result<Inbox> read_inbox(Connection& db, const UserId& user) {
  struct Column {
    enum : int { user_no, last_seq, live, unread, read_up_to, epoch };
  };
  auto query = db.query(R"(SELECT coalesce(i.user_no, 0), coalesce(i.last_seq, 0), coalesce(i.live, 0),
           coalesce(i.unread, 0), coalesce(i.read_up_to, 0), s.epoch
         FROM "ActivitySchema" s LEFT JOIN "ActivityInbox" i ON i.user_id = ?1)",
                        user.value);
  const auto row = query.next();
  if (!row) return error_of(row);
  if (!*row) return Inbox{};
  return Inbox{.user_no = query.integer(Column::user_no),
               .last_seq = query.integer(Column::last_seq),
               .live = query.integer(Column::live),
               .unread = query.integer(Column::unread),
               .read_up_to = query.integer(Column::read_up_to),
               .epoch = query.text(Column::epoch)};
}

Result<Notification> read_notification(const Query& row) {
  using Column = NotificationColumn;
  auto scope = scope_of(row.text(Column::scope));
  if (!scope) return error_of(scope);
  return Notification{
      .id = row.notification_id(Column::id),
      .key = row.maybe_text(Column::key),
      .type = row.text(Column::type),
      .title = row.text(Column::title),
      .body = row.maybe_text(Column::body),
      .data = row.maybe_text(Column::data),
      .extra = row.maybe_text(Column::extra),
      .scope = *scope,
      .organizer_id = row.maybe_text(Column::organizer_id),
      .merchant_id = row.maybe_text(Column::merchant_id),
      .actor_id = row.maybe_text(Column::actor_id),
      .occurred_at = row.maybe_time(Column::occurred_at),
      .created_at = EpochMs{row.integer(Column::created_at)},
      .modified_at = EpochMs{row.integer(Column::modified_at)},
  };
}

Result<InboxRow> read_inbox_row(const Query& row) {
  auto notification = read_notification(row);
  if (!notification) return error_of(notification);
  return InboxRow{.notification = *std::move(notification),
                  .seq = row.integer(EntryColumn::seq),
                  .read_at = row.maybe_time(EntryColumn::read_at),
                  .archived_at = row.maybe_time(EntryColumn::archived_at)};
}

}  // namespace nx::store::sqlite
