#pragma once
// The ingest transaction (docs/data-model.md#ingest). Lock order everywhere: keys, inboxes by user id, recipients.

#include <span>
#include <vector>

#include "store/activity_notification_repository.hpp"
#include "store/sqlite/connection.hpp"

namespace nx::store::sqlite {

/// One write transaction for the batch. The recipients of a redelivered record are the users of the batch who have its
/// row, not archived.
Result<std::vector<IngestResult>> ingest(Connection& db, std::span<const NewNotification> batch);

}  // namespace nx::store::sqlite
