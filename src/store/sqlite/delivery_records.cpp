#include "store/sqlite/delivery_records.hpp"

#include <fmt/core.h>

#include "store/message_key.hpp"
#include "store/sqlite/rows.hpp"
#include "store/users_json.hpp"

namespace nx::store::sqlite {
namespace {

constexpr const char* kMarkOne =
    R"(UPDATE "ActivityNotificationRecipient" SET delivered_at = ?3
       WHERE user_no = ?1 AND notification_id = ?2 AND delivered_at IS NULL RETURNING 1)";

/// Takes the newest rows of the stretch, whether marked or not, so that the scan ends after that many.
constexpr const char* kMarkStretch =
    R"(UPDATE "ActivityNotificationRecipient" SET delivered_at = ?5 WHERE user_no = ?1 AND delivered_at IS NULL
       AND seq IN (SELECT seq FROM "ActivityNotificationRecipient" INDEXED BY "ActivityRecipientInbox"
         WHERE user_no = ?1 AND archived_at IS NULL AND seq > ?2 AND seq <= ?3 ORDER BY seq DESC LIMIT ?4) RETURNING 1)";

Result<std::int64_t> count_rows_of(Query query) {
  std::int64_t rows = 0;
  for (;;) {
    const auto row = query.next();
    if (!row) return error_of(row);
    if (!*row) return rows;
    ++rows;
  }
}

Result<std::int64_t> mark(Connection& db, const Acknowledgement& one) {
  const auto inbox = read_inbox(db, one.user);
  if (!inbox) return error_of(inbox);
  std::int64_t marked = 0;
  for (const NotificationId& id : one.ids) {
    auto rows = count_rows_of(db.query(kMarkOne, inbox->user_no, id, one.at));
    if (!rows) return rows;
    marked += *rows;
  }
  if (one.up_to <= one.above) return marked;
  auto rows = count_rows_of(db.query(kMarkStretch, inbox->user_no, one.above, one.up_to, kMaxAcknowledgedRows, one.at));
  if (!rows) return rows;
  return marked + *rows;
}

/// From `r` and `i`.
const std::string kRecordColumns = fmt::format("i.user_id, r.seq, r.archived_at, {}, r.delivered_at", kReadAt);

struct RecordColumn {
  enum : int { user_id, seq, archived_at, read_at, delivered_at };
};

DeliveryRecord record_of(const Query& row) {
  return {.user = {row.text(RecordColumn::user_id)},
          .seq = row.integer(RecordColumn::seq),
          .delivered_at = row.maybe_time(RecordColumn::delivered_at),
          .read_at = row.maybe_time(RecordColumn::read_at),
          .archived_at = row.maybe_time(RecordColumn::archived_at)};
}

/// Looks up the message's own key. A message without a key has no index from the notification to its record, so all
/// records are read.
Result<std::optional<std::string>> read_source(Connection& db, const Notification& notification) {
  Activity keyed;
  keyed.key = notification.key;
  keyed.type = notification.type;
  const MessageKey key = message_key(keyed);
  auto query = notification.key
                   ? db.query(R"(SELECT source FROM "ActivityNotificationKey" WHERE key = ?1)",
                              std::span<const std::uint8_t>{key})
                   : db.query(R"(SELECT source FROM "ActivityNotificationKey" WHERE notification_id = ?1 LIMIT 1)",
                              notification.id);
  const auto row = query.next();
  if (!row) {
    if (row.error().kind == ErrorKind::too_broad) return std::nullopt;  // too many to read
    return error_of(row);
  }
  return *row ? std::optional(query.text(0)) : std::nullopt;
}

}  // namespace

Result<std::int64_t> acknowledge(Connection& db, std::span<const Acknowledgement> batch) {
  return db.transaction(Access::write, [&]() -> Result<std::int64_t> {
    std::int64_t marked = 0;
    for (const Acknowledgement& one : batch) {
      auto rows = mark(db, one);
      if (!rows) return rows;
      marked += *rows;
    }
    return marked;
  });
}

Result<std::optional<StoredNotification>> read_stored_notification(Connection& db, const NotificationId& id) {
  StoredNotification stored;
  {
    static const std::string kStatement =
        fmt::format(R"(SELECT {}, n.excluded FROM "ActivityNotification" n WHERE n.id = ?1)", kNotificationColumns);
    constexpr int kExcluded = NotificationColumn::end;
    auto query = db.query(kStatement, id);
    const auto row = query.next();
    if (!row) return error_of(row);
    if (!*row) return std::nullopt;
    auto notification = read_notification(query);
    if (!notification) return error_of(notification);
    stored.notification = *std::move(notification);
    stored.excluded = users_from_json(query.maybe_text(kExcluded).value_or("[]"));
  }
  auto source = read_source(db, stored.notification);
  if (!source) return error_of(source);
  stored.source = std::move(*source);
  return stored;
}

Result<std::optional<DeliveryRecord>> read_delivery(Connection& db, const UserId& user, const NotificationId& id) {
  static const std::string kStatement = fmt::format(R"(SELECT {} FROM "ActivityInbox" i
    CROSS JOIN "ActivityNotificationRecipient" r WHERE i.user_id = ?1 AND r.user_no = i.user_no AND r.notification_id = ?2)",
                                                    kRecordColumns);
  auto query = db.query(kStatement, user.value, id);
  const auto row = query.next();
  if (!row) return error_of(row);
  if (!*row) return std::nullopt;
  return record_of(query);
}

Result<DeliverySlice> read_deliveries(Connection& db, const NotificationId& id, const UserId& after,
                                      std::size_t inboxes) {
  static const std::string kStatement = fmt::format(R"(SELECT {} FROM
    (SELECT user_id, user_no FROM "ActivityInbox" WHERE user_id > ?1 ORDER BY user_id LIMIT ?3) i
    CROSS JOIN "ActivityNotificationRecipient" r WHERE r.user_no = i.user_no AND r.notification_id = ?2 ORDER BY i.user_id)",
                                                    kRecordColumns);
  return db.transaction(Access::read, [&]() -> Result<DeliverySlice> {
    DeliverySlice slice;
    auto query = db.query(kStatement, after.value, id, inboxes);
    for (;;) {
      const auto row = query.next();
      if (!row) return error_of(row);
      if (!*row) break;
      slice.records.push_back(record_of(query));
    }
    auto last = db.query(R"(SELECT user_id FROM "ActivityInbox" WHERE user_id > ?1 ORDER BY user_id LIMIT 1 OFFSET ?2)",
                         after.value, inboxes - 1);
    const auto row = last.next();
    if (!row) return error_of(row);
    if (*row) slice.reached = UserId{last.text(0)};
    return slice;
  });
}

}  // namespace nx::store::sqlite
