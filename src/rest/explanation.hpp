#pragma once
// Explains in one sentence why a user did or did not get a notification. Pure.

#include <chrono>
#include <optional>
#include <string>

#include "operators/gathering.hpp"
#include "resolve/policy_trace.hpp"
#include "store/delivery_records.hpp"

namespace nx::rest {

/// The facts from the database and from all instances.
struct Facts {
  store::StoredNotification stored;
  UserId user;
  std::optional<store::DeliveryRecord> record;  // nullopt: it is not in the user's inbox
  std::optional<resolve::PolicyTrace> policy;   // according to the current rows; nullopt for scope `users`
  /// For a broadcast whose slices have not reached the user: the number of users who have it. nullopt: they have
  /// reached the user, or it is not a broadcast.
  std::optional<std::int64_t> still_to_come;
  operators::Gathered seen;                  // the user's connections, and the outcomes of the hint
  std::chrono::milliseconds hint_max_age{};  // SIGNAL_HINT_MAX_AGE_MS
};

struct Verdict {
  std::string code;      // for programs, docs/operations.md#why-a-user-did-not-get-a-notification
  std::string sentence;  // for people
};

bool is_excluded(const Facts& facts);

/// The time of the Kafka record, according to its source; nullopt when the source is unknown.
std::optional<EpochMs> record_time(const store::StoredNotification& stored);

/// Stored so late that it was not pushed.
bool was_too_old(const Facts& facts);

Verdict verdict_on(const Facts& facts);

}  // namespace nx::rest
