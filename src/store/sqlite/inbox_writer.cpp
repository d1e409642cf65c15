#include "store/sqlite/inbox_writer.hpp"

namespace nx::store::sqlite {

Result<void> InboxWriter::reserve() {
  for (auto& [user, reservation] : reservations_) {  // sorted by user id
    auto upsert = db_.query(
        R"(INSERT INTO "ActivityInbox" (user_id, last_seq, live, unread) VALUES (?1, ?2, ?2, ?2)
           ON CONFLICT (user_id) DO UPDATE SET last_seq = last_seq + ?2, live = live + ?2, unread = unread + ?2
           RETURNING user_no, last_seq, unread)",
        user, reservation.rows);
    const auto row = upsert.next();
    if (!row) return error_of(row);
    reservation.begin(upsert.integer(0), upsert.integer(1), upsert.integer(2));
    if (auto done = upsert.run(); !done) return done;
  }
  return {};
}

Result<Delivered> InboxWriter::add(const UserId& user, const NotificationId& id) {
  InboxReservation& reservation = reservations_.find(user.value)->second;
  auto insert =
      db_.query(R"(INSERT INTO "ActivityNotificationRecipient" (user_no, seq, notification_id) VALUES (?1, ?2, ?3))",
                reservation.user_no, reservation.next_seq, id);
  if (auto done = insert.run(); !done) return error_of(done);
  return reservation.take(user);
}

Result<std::optional<Delivered>> read_delivered(Connection& db, const UserId& user, const NotificationId& id) {
  auto query = db.query(
      R"(SELECT r.seq, i.unread FROM "ActivityInbox" i CROSS JOIN "ActivityNotificationRecipient" r
         WHERE i.user_id = ?1 AND r.user_no = i.user_no AND r.notification_id = ?2 AND r.archived_at IS NULL)",
      user.value, id);
  const auto found = query.next();
  if (!found) return error_of(found);
  if (!*found) return std::nullopt;
  return Delivered{.user = user, .seq = query.integer(0), .unread = query.integer(1)};
}

}  // namespace nx::store::sqlite
