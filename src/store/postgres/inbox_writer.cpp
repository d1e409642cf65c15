#include "store/postgres/inbox_writer.hpp"

#include <algorithm>
#include <stdexcept>

#include "store/postgres/ingest_attempt.hpp"

namespace nx::store::postgres {
namespace {

// The part of a large batch that one statement writes, so that each statement stays far below its time-out.
constexpr std::size_t kRowsAtOnce = 20'000;

}  // namespace

std::vector<Delivered> delivered_of(const Rows& rows) {
  std::vector<Delivered> found;
  for (int row = 0; row < rows.size(); ++row) {
    found.push_back({.user = {rows.text(row, DeliveredColumn::user_id)},
                     .seq = rows.integer(row, DeliveredColumn::seq),
                     .unread = rows.integer(row, DeliveredColumn::unread)});
  }
  return found;
}

Result<void> InboxWriter::reserve() {
  std::vector<std::string_view> users;
  users.reserve(reservations_.size());
  for (const auto& [user, reservation] : reservations_) users.push_back(user);
  std::sort(users.begin(), users.end());
  const std::size_t at_once = pace_.of(kInboxesAtOnce);
  for (std::size_t start = 0; start < users.size(); start += at_once) {
    const std::vector<std::string_view> slice(
        users.begin() + static_cast<std::ptrdiff_t>(start),
        users.begin() + static_cast<std::ptrdiff_t>(std::min(start + at_once, users.size())));
    if (auto done = reserve(slice); !done) return done;
  }
  return {};
}

Result<void> InboxWriter::reserve(const std::vector<std::string_view>& users) {
  std::vector<std::int64_t> counts;
  counts.reserve(users.size());
  for (const std::string_view user : users) counts.push_back(reservations_.find(user)->second.rows);
  auto reserved = db_.exchange({{settings_, {}}, {sql_.upsert_inboxes, Parameters(users, counts, month_.number())}});
  if (!reserved) return error_of(reserved);
  const Rows& rows = reserved->back();
  if (static_cast<std::size_t>(rows.size()) != users.size()) throw std::logic_error("postgres: an inbox is missing");
  for (int row = 0; row < rows.size(); ++row) {
    reservations_.at(rows.text(row, ReservedColumn::user_id))
        .begin(rows.integer(row, ReservedColumn::user_no), rows.integer(row, ReservedColumn::last_seq),
               rows.integer(row, ReservedColumn::unread));
  }
  return note_months(rows);
}

/// Notes the month of users whose new rows lie in another month than their previous row. If the map lacks earlier rows
/// of the user, nothing is noted: maintenance does that (month_map.hpp).
Result<void> InboxWriter::note_months(const Rows& reserved) {
  std::vector<std::int64_t> users, first;
  for (int row = 0; row < reserved.size(); ++row) {
    const InboxReservation& reservation = reservations_.at(reserved.text(row, ReservedColumn::user_id));
    const bool is_mapped =
        reserved.integer(row, ReservedColumn::mapped_to) == reserved.integer(row, ReservedColumn::last_seq);
    if (!is_mapped || reserved.integer(row, ReservedColumn::month_from) != reservation.next_seq) continue;
    users.push_back(reservation.user_no);
    first.push_back(reservation.next_seq);
  }
  if (users.empty()) return {};
  auto noted = no_messages_fault(db_.exchange({{sql_.insert_months, Parameters(users, first, month_.number())}}));
  if (!noted) return error_of(noted);
  return {};
}

Result<Delivered> InboxWriter::add(const UserId& user, const NotificationId& id) {
  InboxReservation& reservation = reservations_.find(user.value)->second;
  rows_.add(reservation.user_no, reservation.next_seq, id);
  Delivered delivered = reservation.take(user);
  if (rows_.size() >= pace_.of(kRowsAtOnce)) {
    if (auto done = flush(); !done) return error_of(done);
  }
  return delivered;
}

Result<void> InboxWriter::flush() {
  if (rows_.size() == 0) return {};
  return no_messages_fault(db_.copy(sql_.copy_recipients, rows_.take()));
}

}  // namespace nx::store::postgres
