#pragma once
// Writes new rows into inboxes: reserves seqs, updates counters, adds recipient rows. Used within a transaction.

#include <cstdint>
#include <string_view>

#include "model/keyed_hash.hpp"
#include "store/activity_notification_repository.hpp"
#include "store/inbox_reservation.hpp"
#include "store/postgres/connection.hpp"
#include "store/postgres/pace.hpp"
#include "store/postgres/partitions.hpp"
#include "store/postgres/recipient_rows.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store::postgres {

/// For statements whose only data of a message are hashes, numbers and our own ids: if the server rejects one, it is
/// not the message's fault. 54000 is also the server's answer to every writer once transaction ids run out.
template <class T>
Result<T> no_messages_fault(Result<T> done) {
  if (!done && done.error().kind == ErrorKind::invalid) done.error().kind = ErrorKind::unavailable;
  return done;
}

/// For the statement delivered.
std::vector<Delivered> delivered_of(const Rows& rows);

/// Call order: want() for every row, reserve(), add() for every row, flush(). A user's rows get their seqs in the order
/// of the add() calls.
class InboxWriter {
 public:
  /// `settings`: a statement that sets the lock time-out. `month`: the month of the ids of all rows.
  InboxWriter(Connection& db, const Pace& pace, const Statements& sql, std::string_view settings, Month month)
      : db_(db), pace_(pace), sql_(sql), settings_(settings), month_(month) {}

  /// One more row for the user, whose id must outlive the writer.
  void want(const UserId& user) { ++reservations_[user.value].rows; }

  /// Locks the inboxes, users sorted by the bytes of their ids: all transactions lock them in this order.
  Result<void> reserve();

  Result<Delivered> add(const UserId& user, const NotificationId& id);
  Result<void> flush();

 private:
  Result<void> reserve(const std::vector<std::string_view>& users);
  Result<void> note_months(const Rows& reserved);

  Connection& db_;
  const Pace& pace_;
  const Statements& sql_;
  std::string_view settings_;
  const Month month_;
  KeyedMap<std::string_view, InboxReservation> reservations_;
  RecipientRows rows_;
};

}  // namespace nx::store::postgres
