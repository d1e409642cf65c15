#pragma once
// Writes one batch of messages: keys, notifications, inboxes and recipients.

#include <span>

#include "store/activity_notification_repository.hpp"
#include "store/postgres/connection.hpp"
#include "store/postgres/pace.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store::postgres {

Result<std::vector<IngestResult>> ingest(Connection& db, Pace& pace, const Statements& sql,
                                         std::span<const NewNotification> batch);

}  // namespace nx::store::postgres
