#pragma once
// An Activity is a decoded TActivityNotificationMessage: an event and the users who should know of it
// (docs/notifications.md#the-message).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/ids.hpp"
#include "model/time.hpp"

namespace nx {

enum class RecipientScope { organizer, merchant, users };

/// The text of the `recipient_scope` column and of `recipientScope` in REST: org, merchant, users.
constexpr const char* to_text(RecipientScope scope) {
  switch (scope) {
    case RecipientScope::organizer:
      return "org";
    case RecipientScope::merchant:
      return "merchant";
    case RecipientScope::users:
      return "users";
  }
  return "";
}

/// The next scope in the list of all scopes, which begins with organizer; nullopt after the last.
constexpr std::optional<RecipientScope> next_scope(RecipientScope scope) {
  switch (scope) {
    case RecipientScope::organizer:
      return RecipientScope::merchant;
    case RecipientScope::merchant:
      return RecipientScope::users;
    case RecipientScope::users:
      return std::nullopt;
  }
  return std::nullopt;
}

/// The scope with such a text; nullopt for any other text.
constexpr std::optional<RecipientScope> recipient_scope(std::string_view text) {
  for (std::optional scope = RecipientScope::organizer; scope; scope = next_scope(*scope)) {
    if (text == to_text(*scope)) return scope;
  }
  return std::nullopt;
}

struct Activity {
  std::optional<std::string> key;        // the message's `id`: idempotency key, unique within `type`
  std::string source;                    // <topic>/<partition>/<offset>/<timestamp ms> of the Kafka record
  std::optional<std::string> replay_of;  // the source of the record that this one repeats
  RecipientScope scope = RecipientScope::users;
  std::optional<std::string> organizer_id;  // present for scope organizer
  std::optional<std::string> merchant_id;   // present for scope merchant
  std::vector<UserId> recipient_ids;        // for scope users: 1–10,000, as given, possibly with duplicates
  std::vector<UserId> excluded;             // these users never receive it
  std::string type;
  std::string title;
  std::optional<std::string> body;
  std::optional<std::string> data;   // compact JSON object
  std::optional<std::string> extra;  // compact JSON object of the unknown fields; absent without such fields
  std::optional<std::string> actor_id;
  std::optional<EpochMs> occurred_at;
  EpochMs record_time;                     // the Kafka record's timestamp: decides whether a hint is pushed
  std::optional<std::string> traceparent;  // W3C Trace Context header, passed through
  std::size_t replaced = 0;                // lone surrogates in its texts that became U+FFFD
};

}  // namespace nx
