#pragma once
// The numbers that one transaction reserves for the new rows of one user.

#include <cstdint>

#include "store/activity_notification_repository.hpp"

namespace nx::store {

struct InboxReservation {
  std::int64_t rows = 0;  // the number of new rows
  std::int64_t user_no = 0;
  std::int64_t next_seq = 0;
  std::int64_t next_unread = 0;

  /// `last_seq` and `unread`: the counters of the inbox after all `rows` were added.
  void begin(std::int64_t number, std::int64_t last_seq, std::int64_t unread) {
    user_no = number;
    next_seq = last_seq - rows + 1;
    next_unread = unread - rows + 1;
  }

  /// Takes the numbers of the next row, which has been added.
  Delivered take(const UserId& user) { return {.user = user, .seq = next_seq++, .unread = next_unread++}; }
};

}  // namespace nx::store
