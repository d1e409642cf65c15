#pragma once
// Writes new rows into inboxes: reserves seqs, updates counters, adds recipient rows. Used within a transaction.

#include <map>
#include <string_view>

#include "store/activity_notification_repository.hpp"
#include "store/inbox_reservation.hpp"
#include "store/sqlite/connection.hpp"

namespace nx::store::sqlite {

/// Call order: want() for every row, reserve(), then add() for every row. A user's rows get their seqs in the order of
/// add().
class InboxWriter {
 public:
  explicit InboxWriter(Connection& db) : db_(db) {}

  /// One more row for the user, whose id must outlive the writer.
  void want(const UserId& user) { ++reservations_[user.value].rows; }
  Result<void> reserve();
  Result<Delivered> add(const UserId& user, const NotificationId& id);

 private:
  Connection& db_;
  std::map<std::string_view, InboxReservation> reservations_;
};

/// The user's row of a notification with the current unread count; nullopt if the row does not exist or is archived.
Result<std::optional<Delivered>> read_delivered(Connection& db, const UserId& user, const NotificationId& id);

}  // namespace nx::store::sqlite
