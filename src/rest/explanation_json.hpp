#pragma once
// An explanation, a summary and one delivery as JSON.

#include "json/value.hpp"
#include "rest/explanation.hpp"

namespace nx::rest {

/// The numbers of users who have a notification, from the inboxes that were looked up.
struct DeliverySummary {
  std::int64_t recipients = 0, delivered = 0, read = 0, archived = 0;
  bool complete = true;  // false: there are more inboxes than could be looked up in time
};

std::string explanation_json(const Facts& facts);
std::string summary_json(const store::StoredNotification& stored, const DeliverySummary& summary);

/// `{userId, seq, deliveredAt, readAt, archivedAt}`
json::Value delivery_json(const store::DeliveryRecord& record);

}  // namespace nx::rest
