#include "emitter/envelope.hpp"

#include "json/value.hpp"
#include "model/utf8.hpp"

namespace nx::emitter {
namespace {

/// Also the part of the channel name after `ws:`. This library is linked into other services without
/// contract/bus_channels.hpp.
const char* name_of(TargetType type) {
  switch (type) {
    case TargetType::user:
      return "user";
    case TargetType::client:
      return "client";
    case TargetType::room:
      return "room";
    case TargetType::everyone:
      return "broadcast";
  }
  return "";
}

Result<std::string> quoted(std::string_view text, const char* what) {
  if (!is_utf8(text)) return fail(ErrorKind::invalid, std::string(what) + " is not valid UTF-8");
  std::string made;
  json::append_string(made, text);
  return made;
}

Result<void> append_target(Publication& publication, const nxsignal::Id& target) {
  if (const auto* const number = std::get_if<std::int64_t>(&target.value())) {
    publication.channel += std::to_string(*number);
    publication.message += ",\"target\":" + std::to_string(*number);
    return {};
  }
  const std::string& text = std::get<std::string>(target.value());
  if (text.empty()) return fail(ErrorKind::invalid, "the target is empty");
  const auto member = quoted(text, "the target");
  if (!member) return error_of(member);
  publication.channel += text;
  publication.message += ",\"target\":" + *member;
  return {};
}

}  // namespace

Result<Publication> publication_of(const Push& push) {
  const std::string type = name_of(push.type);
  Publication publication{"ws:" + type, R"({"serverId":"emitter","type":")" + type + "\""};
  if (push.target) {
    publication.channel += ':';
    if (const auto appended = append_target(publication, *push.target); !appended) {
      return error_of(appended);
    }
  }
  const auto event = quoted(push.event, "the event");
  if (!event) return error_of(event);
  publication.message += ",\"event\":" + *event;
  if (push.data) {
    const auto data = json::parse(*push.data);
    if (!data) return fail(ErrorKind::invalid, "data: " + data.error().message);
    publication.message += ",\"data\":";
    json::write_to(publication.message, *data);
  }
  if (push.exclude) {
    publication.message += ",\"exclude\":[";
    for (const std::string& id : *push.exclude) {
      const auto member = quoted(id, "an excluded id");
      if (!member) return error_of(member);
      if (&id != &push.exclude->front()) publication.message += ',';
      publication.message += *member;
    }
    publication.message += ']';
  }
  publication.message += '}';
  return publication;
}

}  // namespace nx::emitter
