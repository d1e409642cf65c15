#pragma once
// One transaction of a batch.

#include <span>
#include <vector>

#include "store/activity_notification_repository.hpp"
#include "store/postgres/connection.hpp"
#include "store/postgres/pace.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store::postgres {

inline constexpr std::size_t kInboxesAtOnce = 5'000;  // of a statement, so that each stays far within its time

struct Attempt {
  Result<std::vector<IngestResult>> results;
  bool waited_for_inboxes = false;  // or was at least in the middle of locking them when the time was over
};

/// All of the batch or nothing. Waits for an inbox only briefly: its locks are others' waits.
Attempt try_once(Connection& db, const Pace& pace, const Statements& sql, std::span<const NewNotification> batch);

}  // namespace nx::store::postgres
