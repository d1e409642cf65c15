#pragma once
// Why a user did or did not get a notification: what is known of it, put into
// one sentence. Pure.

#include <chrono>
#include <optional>
#include <string>

#include "operators/gathering.hpp"
#include "resolve/policy_trace.hpp"
#include "store/delivery_records.hpp"

namespace nx::rest {

/// What the database and all instances know.
struct Facts {
  store::StoredNotification stored;
  UserId user;
  std::optional<store::DeliveryRecord> record;  // none: it is not in the user's inbox
  std::optional<resolve::PolicyTrace> policy;   // as the rows are now; none for scope `users`
  /// How many have it, of a message to very many whose slices have not come to the user yet; none: they have, or there
  /// are no slices.
  std::optional<std::int64_t> still_to_come;
  operators::Gathered seen;                  // connections of the user, and what became of the hint
  std::chrono::milliseconds hint_max_age{};  // SIGNAL_HINT_MAX_AGE_MS
};

struct Verdict {
  std::string code;      // for programs, docs/operations.md#why-did-she-not-get-it
  std::string sentence;  // for people
};

bool is_excluded(const Facts& facts);

/// The Kafka record's time, as its source says it; none when the source is not
/// known.
std::optional<EpochMs> record_time(const store::StoredNotification& stored);

/// Stored too late to be news: it was not pushed.
bool was_too_old(const Facts& facts);

Verdict verdict_on(const Facts& facts);

}  // namespace nx::rest
