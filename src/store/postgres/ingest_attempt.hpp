#pragma once
// One transaction of a batch.

#include <span>
#include <vector>

#include "store/activity_notification_repository.hpp"
#include "store/postgres/connection.hpp"
#include "store/postgres/pace.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store::postgres {

// in one statement, so that each statement stays far below its time-out
inline constexpr std::size_t kInboxesAtOnce = 5'000;

struct Attempt {
  Result<std::vector<IngestResult>> results;
  bool waited_for_inboxes = false;  // or was locking inboxes when the statement time-out expired
};

/// Stores all of the batch or nothing. Waits for an inbox only briefly, because others wait for the locks it holds.
Attempt try_once(Connection& db, const Pace& pace, const Statements& sql, std::span<const NewNotification> batch);

}  // namespace nx::store::postgres
