#include "contract/activity_message.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "contract/scope_names.hpp"
#include "contract/storable.hpp"
#include "json/document.hpp"
#include "model/list.hpp"
#include "model/utf8.hpp"

namespace nx::contract {
namespace {

constexpr std::size_t kMaxTypeBytes = 128;
constexpr std::size_t kMaxTitleBytes = 512;
constexpr std::size_t kMaxBodyBytes = 4'096;
constexpr std::size_t kMaxDataBytes = 32'768;
constexpr std::size_t kMaxExtraBytes = 8'192;
// Bound of `data` and of `extra` when they are read back: enough for one number of any size that PostgreSQL accepts,
// but not for thousands.
constexpr std::size_t kMaxWrittenOutBytes = 163'840;
constexpr std::size_t kMaxListedIds = 10'000;
constexpr std::size_t kMaxShownBytes = 64;

constexpr std::array<std::string_view, 3> kOrganizerNames{"organizerId", "orgId", "organizationId"};
constexpr std::array<std::string_view, 14> kKnownNames{
    "recipientScope", "organizerId", "orgId", "organizationId", "merchantId", "recipientIds", "type", "title",
    "body",           "data",        "id",    "excludeUserIds", "actorId",    "occurredAt"};

/// Carries the first refusal out of the reading functions below; decode_activity catches it.
struct Refused {
  std::string reason;
};

[[noreturn]] void refuse(std::string_view field, std::string_view problem) {
  throw Refused{fmt::format("{}: {}", field, problem)};
}

std::string bound(std::size_t bytes, std::size_t limit) {
  return fmt::format("{} bytes, the limit is {}", bytes, limit);
}

/// Returns at most 64 bytes, cut at a character boundary.
std::string shown(std::string_view text) {
  if (text.size() <= kMaxShownBytes) return std::string{text};
  return std::string{utf8_prefix(text, kMaxShownBytes - 3)} + "...";
}

/// The known members of a message. A null optional member counts as absent.
class Message {
 public:
  explicit Message(json::View root) : root_(root), members_(root.pick(kKnownNames)) {}
  json::View root() const { return root_; }
  /// Calls `take` with each unknown member. Of known members with the same name the last one is used, and the others
  /// are passed to `take`.
  template <class Take>
  void each_other(Take take) const {
    auto known = members_;
    std::ranges::sort(known, [](json::View a, json::View b) { return a.is_before(b); });
    const auto* next = std::ranges::find_if(known, [](json::View value) { return bool{value}; });
    for (const auto& [name, value] : root_.members()) {
      if (next != known.end() && value.is(*next)) {
        ++next;
      } else {
        take(name, value);
      }
    }
  }
  /// The bytes that each_other() would count: the written name and value of each member, and two bytes. Does not
  /// iterate over them.
  std::size_t written_size_of_others() const {
    std::size_t size = json::written_size(root_) - 1;
    for (std::size_t i = 0; i < kKnownNames.size(); ++i) {
      if (members_[i]) size -= kKnownNames[i].size() + 2 + json::written_size(members_[i]) + 2;
    }
    return size;
  }
  json::View operator[](std::string_view name) const {
    const auto place = std::find(kKnownNames.begin(), kKnownNames.end(), name) - kKnownNames.begin();
    const json::View value = members_.at(static_cast<std::size_t>(place));
    return value.is_null() ? json::View{} : value;
  }

 private:
  json::View root_;
  std::array<json::View, kKnownNames.size()> members_;
};

/// Why an id is invalid; empty when it is valid.
std::string problem_of_id(json::View value, const std::optional<std::string>& id) {
  if (!id) return "must be a string or an integer";
  if (value.was_cut()) return "has a lone surrogate, which is an incomplete character";
  if (id->empty()) return "is empty; an id has 1 to 128 bytes";
  return id->size() > kMaxIdBytes ? bound(id->size(), kMaxIdBytes) : "";
}

std::optional<std::string> optional_id(const Message& message, std::string_view field) {
  const json::View value = message[field];
  if (!value) return std::nullopt;
  auto id = value.as_id();
  if (const std::string problem = problem_of_id(value, id); !problem.empty()) refuse(field, problem);
  return id;
}

std::vector<UserId> ids_of(json::View value, std::string_view field) {
  if (!value.is_array()) refuse(field, "must be an array of ids");
  const std::size_t count = value.items().count();
  if (count > kMaxListedIds) refuse(field, std::to_string(count) + " ids, the limit is 10000");
  std::vector<UserId> ids;
  ids.reserve(count);
  for (const json::View item : value.items()) {
    auto id = item.as_id();
    if (const std::string problem = problem_of_id(item, id); !problem.empty()) {
      refuse(fmt::format("{}[{}]", field, ids.size()), problem);
    }
    ids.push_back({std::move(*id)});
  }
  return ids;
}

std::optional<std::string> optional_text(const Message& message, std::string_view field, std::size_t limit) {
  const json::View value = message[field];
  if (!value) return std::nullopt;
  if (!value.is_string()) refuse(field, "must be a string");
  std::string text = value.text();
  if (text.size() > limit) refuse(field, bound(text.size(), limit));
  return text;
}

std::string required_text(const Message& message, std::string_view field, std::size_t limit) {
  auto text = optional_text(message, field, limit);
  if (!text) refuse(field, "is missing");
  if (text->empty()) refuse(field, "is empty");
  return std::move(*text);
}

RecipientScope scope_of(const Message& message) {
  const json::View value = message["recipientScope"];
  if (!value) refuse("recipientScope", "is missing; it is one of " + all_scopes());
  if (!value.is_string()) refuse("recipientScope", "must be a string, one of " + all_scopes());
  if (const auto scope = scope_named(value.text())) return *scope;
  refuse("recipientScope", fmt::format("'{}' is not one of {}", shown(value.text()), all_scopes()));
}

/// The organizer id under any of its names. Two names with different values are refused, because it would be unclear
/// which one is meant.
std::optional<std::string> organizer_of(const Message& message) {
  std::optional<std::string> found;
  for (const std::string_view name : kOrganizerNames) {
    auto id = optional_id(message, name);
    if (!id) continue;
    if (found && *found != *id) refuse(name, "differs from another name of the same field");
    found = std::move(id);
  }
  return found;
}

std::optional<EpochMs> occurred_at(const Message& message) {
  constexpr std::string_view field = "occurredAt";
  const json::View value = message[field];
  if (!value) return std::nullopt;
  std::optional<EpochMs> time;
  if (value.is_string()) {
    time = parse_iso8601(value.text());
    if (!time) refuse(field, fmt::format("'{}' is not a valid ISO 8601 date-time", shown(value.text())));
  } else if (const auto ms = value.as_int64()) {
    time = EpochMs{*ms};
  } else {
    refuse(field, "must be ISO 8601 text or an integer of milliseconds since 1970");
  }
  if (!is_storable(*time)) refuse(field, "is outside the years 0001 to 9999");
  return time;
}

std::optional<std::string> data_of(const Message& message) {
  const json::View value = message["data"];
  if (!value) return std::nullopt;
  if (!value.is_object()) refuse("data", "must be a JSON object");
  const std::size_t written = json::written_size(value);
  if (written > kMaxDataBytes) refuse("data", bound(written, kMaxDataBytes));
  if (const std::size_t size = written + written_out_growth(value); size > kMaxWrittenOutBytes) {
    refuse("data", "its numbers written out, " + bound(size, kMaxWrittenOutBytes));
  }
  return json::write(value);
}

bool listed(std::string_view names, std::string_view name) {
  while (!names.empty()) {
    if (without_spaces(take_list_item(names)) == name) return true;
  }
  return false;
}

std::string dropped_extra(std::size_t size) {
  return std::string{kDroppedExtra} + std::to_string(size) + "}";
}

std::optional<std::string> extra_of(const Message& message, std::string_view kept_names) {
  const bool all = kept_names == "*";
  if (all) {
    const std::size_t size = 1 + message.written_size_of_others();
    if (size > kMaxExtraBytes) return dropped_extra(size);
  }
  std::string text = "{";
  std::size_t size = 1, growth = 0;
  message.each_other([&](json::View name, json::View value) {
    if (!all && !listed(kept_names, name.text())) return;
    size += json::written_size(name) + json::written_size(value) + 2;
    growth += written_out_growth(value);
    if (size > kMaxExtraBytes) return;  // from here on the bytes are only counted
    if (text.size() > 1) text += ',';
    json::write_to(text, name);
    text += ':';
    json::write_to(text, value);
  });
  if (size == 1) return std::nullopt;
  text += '}';
  if (size <= kMaxExtraBytes && size + growth <= kMaxWrittenOutBytes) return text;
  return dropped_extra(size);
}

/// W3C Trace Context §3.2: version 00 has 55 characters; a later version may have more after another dash.
std::optional<std::string> traceparent_of(std::string_view header) {
  if (header.size() < 55 || header.size() > 128) return std::nullopt;
  for (std::size_t i = 0; i < header.size(); ++i) {
    const char c = header[i];
    const bool dash = i == 2 || i == 35 || i == 52 || i == 55;
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (dash ? c != '-' : i < 55 ? !hex : c <= ' ' || c > '~') return std::nullopt;
  }
  return std::string{header};
}

/// The part of the message that its scope needs: the id of the organizer or merchant, or the list of users.
void read_target(const Message& message, Activity& activity) {
  switch (activity.scope) {
    case RecipientScope::organizer:
      if (!activity.organizer_id) refuse("organizerId", "is missing; the scope is org");
      return;
    case RecipientScope::merchant:
      if (!activity.merchant_id) refuse("merchantId", "is missing; the scope is merchant");
      return;
    case RecipientScope::users: {
      const json::View ids = message["recipientIds"];
      if (!ids) refuse("recipientIds", "is missing; the scope is users");
      activity.recipient_ids = ids_of(ids, "recipientIds");
      if (activity.recipient_ids.empty()) refuse("recipientIds", "is empty; 1 to 10000 ids are required");
    }
  }
}

Activity read(const Message& message, std::string_view extra_fields) {
  Activity activity;
  activity.scope = scope_of(message);
  activity.organizer_id = organizer_of(message);
  activity.merchant_id = optional_id(message, "merchantId");
  read_target(message, activity);
  if (const json::View excluded = message["excludeUserIds"]) activity.excluded = ids_of(excluded, "excludeUserIds");
  activity.type = required_text(message, "type", kMaxTypeBytes);
  if (message["type"].was_cut()) refuse("type", "has a lone surrogate, which is an incomplete character");
  activity.title = required_text(message, "title", kMaxTitleBytes);
  activity.body = optional_text(message, "body", kMaxBodyBytes);
  activity.data = data_of(message);
  activity.key = optional_id(message, "id");
  activity.actor_id = optional_id(message, "actorId");
  activity.occurred_at = occurred_at(message);
  activity.extra = extra_of(message, extra_fields);
  return activity;
}

}  // namespace

Result<Activity> decode_activity(std::string_view json, const RecordMetadata& metadata, std::string_view extra_fields) {
  const auto document = json::Document::read(json, {.lone_surrogates = json::LoneSurrogates::replaced});
  if (!document) return error_of(document);
  const json::View root = document->root();
  if (!root.is_object()) return fail(ErrorKind::invalid, "message: must be a JSON object");
  if (auto storable = check_storable(root); !storable) return error_of(storable);
  try {
    Activity activity = read(Message(root), extra_fields);
    activity.replaced = document->summary().replaced;
    activity.source =
        fmt::format("{}/{}/{}/{}", metadata.topic, metadata.partition, metadata.offset, metadata.timestamp.value);
    activity.record_time = metadata.timestamp;
    activity.traceparent = traceparent_of(metadata.traceparent);
    return activity;
  } catch (Refused& refused) {
    return fail(ErrorKind::invalid, std::move(refused.reason));
  }
}

bool extra_was_dropped(const Activity& activity) {
  return activity.extra && activity.extra->starts_with(kDroppedExtra);
}

}  // namespace nx::contract
