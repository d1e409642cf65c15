#pragma once
// Converts the request of the page's "simulate a payment" into the TActivityNotificationMessage that a payment service
// would produce. No I/O.

#include <string>

#include "dev/sample_data.hpp"
#include "json/value.hpp"
#include "model/result.hpp"
#include "model/time.hpp"

namespace nx::dev {

struct PaymentMessage {
  // the organisation's id, so that its messages stay in order; the payment's id if there is none
  std::string record_key;
  std::string json;  // docs/notifications.md#the-message
};

/// `request`: {scope, organizerId|merchantId|recipientIds, amount, currency?, excludeUserIds?, actorId?}. `id` becomes
/// the message's `id`. The error (invalid) names the field. The ingest decoder checks the rest (ids, list lengths).
Result<PaymentMessage> compose_payment(const json::Value& request, const SampleData& sample, const std::string& id,
                                       EpochMs now);

}  // namespace nx::dev
