#include "store/postgres/inbox_rows.hpp"

#include "store/message_key.hpp"
#include "store/notification_columns.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store::postgres {

Inbox counters_of(const Rows& rows) {
  Inbox inbox = inbox_of(rows);
  if (!rows.empty()) inbox.epoch = rows.text(0, InboxColumn::epoch);
  return inbox;
}

Inbox inbox_of(const Rows& rows) {
  if (rows.empty()) return {};
  return {.user_no = rows.integer(0, InboxColumn::user_no),
          .last_seq = rows.integer(0, InboxColumn::last_seq),
          .live = rows.integer(0, InboxColumn::live),
          .unread = rows.integer(0, InboxColumn::unread),
          .read_up_to = rows.integer(0, InboxColumn::read_up_to),
          .epoch = {}};
}

Result<Notification> notification_of(const Rows& rows, int row) {
  using Column = NotificationColumn;
  auto scope = scope_of(rows.text(row, Column::scope));
  if (!scope) return error_of(scope);
  return Notification{
      .id = rows.notification_id(row, Column::id),
      .key = rows.maybe_text(row, Column::key),
      .type = rows.text(row, Column::type),
      .title = rows.text(row, Column::title),
      .body = rows.maybe_text(row, Column::body),
      .data = rows.maybe_json(row, Column::data),
      .extra = rows.maybe_json(row, Column::extra),
      .scope = *scope,
      .organizer_id = rows.maybe_text(row, Column::organizer_id),
      .merchant_id = rows.maybe_text(row, Column::merchant_id),
      .actor_id = rows.maybe_text(row, Column::actor_id),
      .occurred_at = rows.maybe_time(row, Column::occurred_at),
      .created_at = rows.time(row, Column::created_at),
      .modified_at = rows.time(row, Column::modified_at),
  };
}

std::int64_t seq_of(const Rows& rows, int row) {
  return rows.integer(row, EntryColumn::seq);
}

namespace {

Result<InboxRow> inbox_row_of(const Rows& rows, int row) {
  auto notification = notification_of(rows, row);
  if (!notification) return error_of(notification);
  return InboxRow{.notification = *std::move(notification),
                  .seq = seq_of(rows, row),
                  .read_at = rows.maybe_time(row, EntryColumn::read_at),
                  .archived_at = rows.maybe_time(row, EntryColumn::archived_at)};
}

}  // namespace

Result<std::vector<InboxRow>> inbox_rows_of(const Rows& rows, int count) {
  std::vector<InboxRow> found;
  found.reserve(static_cast<std::size_t>(count));
  for (int row = 0; row < count; ++row) {
    auto one = inbox_row_of(rows, row);
    if (!one) return error_of(one);
    found.push_back(*std::move(one));
  }
  return found;
}

Result<std::optional<InboxRow>> maybe_inbox_row(const Rows& rows) {
  if (rows.empty()) return std::nullopt;
  auto one = inbox_row_of(rows, 0);
  if (!one) return error_of(one);
  return *std::move(one);
}

}  // namespace nx::store::postgres
