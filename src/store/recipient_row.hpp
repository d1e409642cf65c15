#pragma once
// One user's counters and one of their rows, as both implementations store them, and how reading and archiving change
// them. No I/O.

#include <cstdint>
#include <optional>
#include <string>

#include "model/time.hpp"
#include "store/activity_notification_repository.hpp"

namespace nx::store {

/// The counter row of one user; user_no 0 for a user who never received anything.
struct Inbox {
  std::int64_t user_no = 0;
  std::int64_t last_seq = 0;
  std::int64_t live = 0;
  std::int64_t unread = 0;
  std::int64_t read_up_to = 0;
  std::string epoch;  // the database's; reads set it, also for a user without a row
};

/// One recipient row. Invariant: reopened only at or below the mark.
struct RecipientRow {
  std::int64_t seq = 0;
  std::optional<EpochMs> read_at;
  std::optional<EpochMs> archived_at;
  bool reopened = false;
  friend bool operator==(const RecipientRow&, const RecipientRow&) = default;

  bool is_read(const Inbox& inbox) const { return read_at || (seq <= inbox.read_up_to && !reopened); }
  bool is_live() const { return !archived_at; }
  bool counts_as_unread(const Inbox& inbox) const { return is_live() && !is_read(inbox); }
};

/// A row that already has the requested state stays as it is, including its times.
RecipientRow changed(const RecipientRow& row, const Inbox& inbox, const Change& change, EpochMs now);

/// Updates the counters for a row that changes from `before` to `after`.
void count(Inbox& inbox, const RecipientRow& before, const RecipientRow& after);

}  // namespace nx::store
