#include "contract/bus_envelope.hpp"

#include "json/value.hpp"

namespace nx::contract {
namespace {

tl::unexpected<Error> malformed(std::string what) {
  return fail(ErrorKind::invalid, std::move(what));
}

std::optional<std::string> compact_data(const json::Value& object) {
  const json::Value* data = object.find("data");
  if (!data) return std::nullopt;
  return json::write(*data);
}

/// `target` as the reference tests it: missing, null, "" and 0 are no target.
Result<std::string> target_of(const json::Value& object) {
  const json::Value* target = object.find("target");
  auto id = target ? target->as_id() : std::nullopt;
  if (!id || id->empty() || (target->is_number() && *id == "0")) return malformed("target: missing or no id");
  return std::move(*id);
}

Result<std::vector<ClientId>> exclude_of(const json::Value& object) {
  const json::Value* exclude = object.find("exclude");
  std::vector<ClientId> clients;
  if (!exclude || exclude->is_null()) return clients;
  if (!exclude->is_array()) return malformed("exclude: no array");
  for (const json::Value& item : exclude->items()) {
    if (auto id = item.as_id()) clients.push_back({std::move(*id)});
  }
  return clients;
}

Result<BusDestination> typed_destination(const json::Value& object) {
  const json::Value* type = object.find("type");
  if (!type || !type->is_string()) return malformed("type: missing or no string");
  const std::string& kind = type->text();
  if (kind == "broadcast") {
    auto exclude = exclude_of(object);
    if (!exclude) return tl::unexpected(exclude.error());
    return ToEveryone{std::move(*exclude)};
  }
  if (kind != "room" && kind != "client" && kind != "user") return malformed("type: unknown");
  auto target = target_of(object);
  if (!target) return tl::unexpected(target.error());
  if (kind == "client") return ToClient{{std::move(*target)}};
  if (kind == "user") return ToUser{{std::move(*target)}};
  auto exclude = exclude_of(object);
  if (!exclude) return tl::unexpected(exclude.error());
  return ToRoom{{std::move(*target)}, std::move(*exclude)};
}

std::optional<std::int64_t> count_of(const json::Value& object, const char* name) {
  const json::Value* value = object.find(name);
  const auto count = value ? value->as_int64() : std::nullopt;
  return count && *count >= 0 ? count : std::nullopt;
}

/// A hint has both counts, `updated` has `unread` alone; what is no such number is as if it were not there.
void take_siblings(const json::Value& object, BusEnvelope& envelope) {
  envelope.unread = count_of(object, "unread");
  if (!envelope.unread) return;
  envelope.seq = count_of(object, "seq");
  if (!envelope.seq) return;
  envelope.recorded = count_of(object, "recorded");
  const json::Value* trace = object.find("traceparent");
  if (trace && trace->is_string()) envelope.traceparent = trace->text();
}

Result<BusEnvelope> decode_typed(const json::Value& object) {
  const json::Value* server = object.find("serverId");
  const json::Value* event = object.find("event");
  if (!server || !server->is_string()) return malformed("serverId: missing or no string");
  if (!event || !event->is_string()) return malformed("event: missing or no string");
  auto destination = typed_destination(object);
  if (!destination) return tl::unexpected(destination.error());
  BusEnvelope envelope;
  envelope.server_id = server->text();
  envelope.destination = std::move(*destination);
  envelope.event = event->text();
  envelope.data = compact_data(object);
  if (std::holds_alternative<ToUser>(envelope.destination)) take_siblings(object, envelope);
  return envelope;
}

bool names_room(std::string_view destination) {
  return destination == "ws-default" || destination == "ws-notification" || destination.starts_with("org:") ||
         destination.starts_with("merchant:");
}

Result<BusEnvelope> decode_topical(const json::Value& object) {
  const json::Value* topic = object.find("topic");
  if (!topic->is_string() || topic->text().empty()) return malformed("topic: empty or no string");
  BusEnvelope envelope;
  envelope.event = topic->text();
  envelope.data = compact_data(object);
  if (const json::Value* destination = object.find("destination")) {
    auto id = destination->as_id();
    if (!id || id->empty()) return malformed("destination: empty or no id");
    if (names_room(*id)) {
      envelope.destination = ToRoom{{std::move(*id)}, {}};
    } else {
      envelope.destination = ToClientOrUser{std::move(*id)};
    }
  }
  return envelope;
}

}  // namespace

Result<BusEnvelope> decode_bus_envelope(std::string_view text) {
  auto value = json::parse(text, {.max_depth = kMaxBusDepth});
  if (!value) return tl::unexpected(std::move(value.error()));
  if (!value->is_object()) return malformed("no JSON object");
  if (value->find("topic") && !value->find("event")) return decode_topical(*value);
  return decode_typed(*value);
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
