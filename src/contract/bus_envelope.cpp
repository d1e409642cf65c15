#include "contract/bus_envelope.hpp"

#include "json/document.hpp"
#include "json/value.hpp"
#include "model/room_name.hpp"

namespace nx::contract {
namespace {

enum Name {
  kServerId,
  kType,
  kTarget,
  kEvent,
  kData,
  kExclude,
  kTopic,
  kDestination,
  kSeq,
  kUnread,
  kRecorded,
  kTraceparent
};
constexpr std::array<std::string_view, 12> kNames{"serverId", "type",    "target",   "event",
                                                  "data",     "exclude", "topic",    "destination",
                                                  "seq",      "unread",  "recorded", "traceparent"};
using Members = std::array<json::View, kNames.size()>;

tl::unexpected<Error> malformed(std::string what) {
  return fail(ErrorKind::invalid, std::move(what));
}

std::optional<std::string> data_of(const Members& object) {
  const json::View data = object[kData];
  if (!data) return std::nullopt;
  return std::string(data.raw());
}

/// Reads `target` as the reference implementation does: missing, null, "" and 0 mean no target.
Result<std::string> target_of(const Members& object) {
  const json::View target = object[kTarget];
  auto id = target ? target.as_id() : std::nullopt;
  if (!id || id->empty() || (target.is_number() && *id == "0")) return malformed("target: missing or not an id");
  return std::move(*id);
}

Result<std::vector<ClientId>> exclude_of(const Members& object) {
  const json::View exclude = object[kExclude];
  std::vector<ClientId> clients;
  if (!exclude || exclude.is_null()) return clients;
  if (!exclude.is_array()) return malformed("exclude: not an array");
  for (const json::View item : exclude.items()) {
    if (auto id = item.as_id()) clients.push_back({std::move(*id)});
  }
  return clients;
}

Result<BusDestination> typed_destination(const Members& object) {
  const json::View type = object[kType];
  if (!type || !type.is_string()) return malformed("type: missing or not a string");
  const std::string kind = type.text();
  if (kind == "broadcast") {
    auto exclude = exclude_of(object);
    if (!exclude) return error_of(exclude);
    return ToEveryone{std::move(*exclude)};
  }
  if (kind != "room" && kind != "client" && kind != "user") return malformed("type: unknown");
  auto target = target_of(object);
  if (!target) return error_of(target);
  if (kind == "client") return ToClient{{std::move(*target)}};
  if (kind == "user") return ToUser{{std::move(*target)}};
  auto exclude = exclude_of(object);
  if (!exclude) return error_of(exclude);
  return ToRoom{{std::move(*target)}, std::move(*exclude)};
}

std::optional<std::int64_t> count_of(const Members& object, Name name) {
  const json::View value = object[name];
  const auto count = value ? value.as_int64() : std::nullopt;
  return count && *count >= 0 ? count : std::nullopt;
}

/// A hint has both numbers; `updated` has only `unread`. An invalid number counts as absent.
void take_siblings(const Members& object, BusEnvelope& envelope) {
  envelope.unread = count_of(object, kUnread);
  if (!envelope.unread) return;
  envelope.seq = count_of(object, kSeq);
  if (!envelope.seq) return;
  envelope.recorded = count_of(object, kRecorded);
  const json::View trace = object[kTraceparent];
  if (trace && trace.is_string()) envelope.traceparent = trace.text();
}

Result<BusEnvelope> decode_typed(const Members& object) {
  const json::View server = object[kServerId];
  const json::View event = object[kEvent];
  if (!server || !server.is_string()) return malformed("serverId: missing or not a string");
  if (!event || !event.is_string()) return malformed("event: missing or not a string");
  auto destination = typed_destination(object);
  if (!destination) return error_of(destination);
  BusEnvelope envelope;
  envelope.server_id = server.text();
  envelope.destination = std::move(*destination);
  envelope.event = event.text();
  envelope.data = data_of(object);
  if (std::holds_alternative<ToUser>(envelope.destination)) take_siblings(object, envelope);
  return envelope;
}

Result<BusEnvelope> decode_topical(const Members& object) {
  const json::View topic = object[kTopic];
  if (!topic.is_string() || topic.text().empty()) return malformed("topic: empty or not a string");
  BusEnvelope envelope;
  envelope.event = topic.text();
  envelope.data = data_of(object);
  if (const json::View destination = object[kDestination]) {
    auto id = destination.as_id();
    if (!id || id->empty()) return malformed("destination: empty or not an id");
    if (is_room_name(*id)) {
      envelope.destination = ToRoom{{std::move(*id)}, {}};
    } else {
      envelope.destination = ToClientOrUser{std::move(*id)};
    }
  }
  return envelope;
}

}  // namespace

Result<BusEnvelope> decode_bus_envelope(std::string_view text) {
  const auto document =
      json::Document::read(text, {.max_depth = kMaxBusDepth, .lone_surrogates = json::LoneSurrogates::replaced});
  if (!document) return error_of(document);
  if (!document->root().is_object()) return malformed("not a JSON object");
  const Members members = document->root().pick(kNames);
  auto envelope = members[kTopic] && !members[kEvent] ? decode_topical(members) : decode_typed(members);
  if (envelope) envelope->replaced = document->summary().replaced;
  return envelope;
}

std::string frame_text(const BusEnvelope& envelope) {
  std::string text;
  text.reserve(64 + envelope.event.size() + (envelope.data ? envelope.data->size() : 0));
  text += R"({"event":)";
  json::append_string(text, envelope.event);
  if (envelope.data) {
    text += R"(,"data":)";
    text += *envelope.data;
  }
  if (envelope.traceparent) {
    text += R"(,"traceparent":)";
    json::append_string(text, *envelope.traceparent);
  }
  if (envelope.seq) text += R"(,"seq":)" + std::to_string(*envelope.seq);
  if (envelope.unread) text += R"(,"unread":)" + std::to_string(*envelope.unread);
  text += '}';
  return text;
}

}  // namespace nx::contract
