#include "component/rest/filter_fields.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "model/uuid.hpp"

namespace nx::rest::evaluation {
namespace {

/// The numbers of the samples, as PostgreSQL writes them.
std::string number_text(const std::string& lexeme) {
  static const std::map<std::string, std::string> kWritten{
      {"1e3", "1000"}, {"-0.0", "0.0"}, {"1.50e1", "15.0"}, {"1e-7", "0.0000001"}};
  const auto found = kWritten.find(lexeme);
  return found == kWritten.end() ? lexeme : found->second;
}

std::string document_text(const json::Value& value) {
  switch (value.kind()) {
    case json::Kind::null:
      return "null";
    case json::Kind::boolean:
      return value.as_bool() ? "true" : "false";
    case json::Kind::number:
      return number_text(value.text());
    case json::Kind::string:
      return json::write(value);
    case json::Kind::array: {
      std::string out;
      for (const json::Value& item : value.items()) out += (out.empty() ? "" : ", ") + document_text(item);
      return "[" + out + "]";
    }
    case json::Kind::object:
      break;
  }
  std::map<std::pair<std::size_t, std::string>, std::string> members;
  for (const json::Member& member : value.members()) {
    members[{member.name.size(), member.name}] = document_text(member.value);
  }
  std::string out;
  for (const auto& [name, text] : members) out += (out.empty() ? "\"" : ", \"") + name.second + "\": " + text;
  return "{" + out + "}";
}

std::optional<std::string> place_text(const json::Value* at) {
  if (at == nullptr || at->is_null()) return std::nullopt;
  return at->is_string() ? at->text() : document_text(*at);
}

std::optional<double> decimal(const std::string& text) {
  const std::size_t begin = text.starts_with('-') ? 1 : 0;
  const std::size_t point = std::min(text.find('.'), text.size());
  const auto digits = [&](std::size_t from, std::size_t to) {
    return from < to &&
           std::all_of(text.begin() + static_cast<std::ptrdiff_t>(from), text.begin() + static_cast<std::ptrdiff_t>(to),
                       [](char c) { return c >= '0' && c <= '9'; });
  };
  if (!digits(begin, point) || (point < text.size() && !digits(point + 1, text.size()))) return std::nullopt;
  return std::strtod(text.c_str(), nullptr);
}

MaybeKey time_key(const std::optional<EpochMs>& time) {
  if (!time) return std::nullopt;
  return Key{static_cast<double>(time->value)};
}
MaybeKey text_key(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  return Key{*text};
}

}  // namespace

std::vector<std::string> split(const std::string& name) {
  std::vector<std::string> parts(1);
  for (const char c : name) {
    if (c != '.' && c != '[' && c != ']') {
      parts.back() += c;
    } else if (!parts.back().empty()) {
      parts.emplace_back();
    }
  }
  if (parts.back().empty()) parts.pop_back();
  return parts;
}

const json::Value* place(const json::Value& document, const std::vector<std::string>& path) {
  const json::Value* at = &document;
  if (at->is_null()) return nullptr;
  for (const std::string& step : path) {
    if (at->is_array()) {
      const bool index = !step.empty() && step.find_first_not_of("0123456789") == std::string::npos;
      if (!index || std::stoul(step) >= at->items().size()) return nullptr;
      at = &at->items()[std::stoul(step)];
    } else {
      at = at->find(step);
    }
    if (at == nullptr) return nullptr;
  }
  return at;
}

Kind kind_of(const std::string& name) {
  if (name.find_first_of(".[") != std::string::npos) return Kind::place;
  if (name == "seq") return Kind::integer;
  if (name == "data" || name == "extra") return Kind::document;
  return name.ends_with("At") ? Kind::time : Kind::text;
}

const json::Value& document(const std::string& name, const Sample& sample) {
  return name.starts_with("data") ? sample.data : sample.extra;
}

MaybeKey field(const std::string& name, const Sample& sample, bool as_number) {
  const Notification& n = sample.row.notification;
  if (kind_of(name) == Kind::place) {
    auto path = split(name);
    path.erase(path.begin());
    const auto text = place_text(place(document(name, sample), path));
    if (!text || !as_number) return text_key(text);
    const auto number = decimal(*text);
    return number ? MaybeKey{*number} : std::nullopt;
  }
  if (kind_of(name) == Kind::document) {
    const json::Value& whole = document(name, sample);
    return whole.is_null() ? std::nullopt : MaybeKey{document_text(whole)};
  }
  if (name == "id") return Key{uuid_text(n.id.bytes)};
  if (name == "seq") return Key{static_cast<double>(sample.row.seq)};
  if (name == "key") return text_key(n.key);
  if (name == "type") return Key{n.type};
  if (name == "title") return Key{n.title};
  if (name == "body") return text_key(n.body);
  if (name == "recipientScope") return Key{std::string{to_text(n.scope)}};
  if (name == "organizerId") return text_key(n.organizer_id);
  if (name == "merchantId") return text_key(n.merchant_id);
  if (name == "actorId") return text_key(n.actor_id);
  if (name == "occurredAt") return time_key(n.occurred_at);
  if (name == "createdAt") return time_key(n.created_at);
  if (name == "modifiedAt") return time_key(n.modified_at);
  if (name == "readAt") return time_key(sample.row.read_at);
  return time_key(sample.row.archived_at);
}

MaybeKey operand(const std::string& name, const json::Value& value, bool as_number) {
  if (value.is_null()) return std::nullopt;
  switch (kind_of(name)) {
    case Kind::integer:
      return Key{std::strtod(value.text().c_str(), nullptr)};
    case Kind::time:
      if (value.is_number()) return Key{std::strtod(value.text().c_str(), nullptr)};
      return Key{static_cast<double>(parse_iso8601(value.text())->value)};
    case Kind::document:
      return Key{document_text(value)};
    default:
      break;
  }
  const std::string text = value.kind() == json::Kind::boolean ? (value.as_bool() ? "true" : "false")
                           : value.is_object()                 ? "{}"
                                                               : value.text();
  return as_number ? Key{std::strtod(text.c_str(), nullptr)} : Key{text};
}

}  // namespace nx::rest::evaluation
