#include "store/postgres/inbox_rows.hpp"

#include "store/message_key.hpp"

namespace nx::store::postgres {

Inbox counters_of(const Rows& rows) {
  Inbox inbox = inbox_of(rows);
  if (!rows.empty()) inbox.epoch = rows.text(0, 5);
  return inbox;
}

Inbox inbox_of(const Rows& rows) {
  if (rows.empty()) return {};
  return {.user_no = rows.integer(0, 0),
          .last_seq = rows.integer(0, 1),
          .live = rows.integer(0, 2),
          .unread = rows.integer(0, 3),
          .read_up_to = rows.integer(0, 4),
          .epoch = {}};
}

Result<Notification> notification_of(const Rows& rows, int row) {
  auto scope = scope_of(rows.text(row, 7));
  if (!scope) return error_of(scope);
  return Notification{
      .id = rows.notification_id(row, 0),
      .key = rows.maybe_text(row, 1),
      .type = rows.text(row, 2),
      .title = rows.text(row, 3),
      .body = rows.maybe_text(row, 4),
      .data = rows.maybe_json(row, 5),
      .extra = rows.maybe_json(row, 6),
      .scope = *scope,
      .organizer_id = rows.maybe_text(row, 8),
      .merchant_id = rows.maybe_text(row, 9),
      .actor_id = rows.maybe_text(row, 10),
      .occurred_at = rows.maybe_time(row, 11),
      .created_at = rows.time(row, 12),
      .modified_at = rows.time(row, 13),
  };
}

std::int64_t seq_of(const Rows& rows, int row) {
  return rows.integer(row, 14);
}

namespace {

Result<InboxRow> inbox_row_of(const Rows& rows, int row) {
  auto notification = notification_of(rows, row);
  if (!notification) return error_of(notification);
  return InboxRow{.notification = *std::move(notification),
                  .seq = seq_of(rows, row),
                  .read_at = rows.maybe_time(row, 16),
                  .archived_at = rows.maybe_time(row, 15)};
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
