#pragma once
// What the page's "simulate a payment" asks for → the TActivityNotificationMessage that a payment service would
// produce. No I/O.

#include <string>

#include "dev/sample_data.hpp"
#include "json/value.hpp"
#include "model/result.hpp"
#include "model/time.hpp"

namespace nx::dev {

struct PaymentMessage {
  std::string record_key;  // organisation, so that one organisation's messages stay in order; else the payment's own id
  std::string json;        // docs/notifications.md#the-message
};

/// `request`: {scope, organizerId|merchantId|recipientIds, amount, currency?, excludeUserIds?, actorId?}. `id` becomes
/// the message's key. The error (invalid) names the field. What the ingest decoder checks (ids, list lengths) is left
/// to it.
Result<PaymentMessage> compose_payment(const json::Value& request, const SampleData& sample, const std::string& id,
                                       EpochMs now);

}  // namespace nx::dev
