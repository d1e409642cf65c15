#include "rest/dead_letter_json.hpp"

#include <algorithm>

#include "contract/record_time.hpp"
#include "json/value.hpp"
#include "model/time.hpp"
#include "model/utf8.hpp"

namespace nx::rest {
namespace {

using json::Value;

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

Value text(const std::optional<std::string>& bytes) {
  return bytes ? Value::string(as_utf8(*bytes)) : Value();
}

Value time_of(const kafka::StoredRecord& record) {
  const auto time = contract::meant_time({record.timestamp.value_or(-1)});
  return time ? Value::string(iso8601(*time)) : Value();
}

/// Headers with the same name: the last one counts, as for Signal itself.
Value headers_of(const kafka::StoredRecord& record) {
  std::vector<json::Member> members;
  for (const kafka::Header& one : record.headers) {
    const std::string name = as_utf8(one.name);
    std::erase_if(members, [&name](const json::Member& member) { return member.name == name; });
    members.push_back({name, text(one.value)});
  }
  return Value::object(std::move(members));
}

Value source_of(const replay::DeadLetter& letter) {
  if (!letter.source) return {};
  return Value::object({{"topic", Value::string(letter.source->topic)},
                        {"partition", Value::number(std::int64_t{letter.source->partition})},
                        {"offset", Value::number(letter.source->offset)}});
}

Value letter_json(const replay::DeadLetter& letter) {
  const kafka::StoredRecord& record = letter.record;
  return Value::object({{"partition", Value::number(std::int64_t{record.at.partition})},
                        {"offset", Value::number(record.at.offset)},
                        {"time", time_of(record)},
                        {"reason", Value::string(as_utf8(letter.reason))},
                        {"source", source_of(letter)},
                        {"key", text(record.key)},
                        {"headers", headers_of(record)},
                        {"value", Value::string(as_utf8(record.value))},
                        {"truncated", Value::boolean(letter.truncated)},
                        {"replaced", Value::boolean(!letter.is_utf8)}});
}

}  // namespace

std::string as_utf8(std::string_view bytes) {
  if (is_utf8(bytes)) return std::string(bytes);
  std::string out;
  while (!bytes.empty()) {
    const std::size_t size = utf8_character(bytes);
    out += size > 0 ? bytes.substr(0, size) : kReplacement;
    bytes.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

std::string dead_letters_json(const replay::DeadLetterPage& page) {
  std::vector<Value> data;
  for (const replay::DeadLetter& letter : page.letters) data.push_back(letter_json(letter));
  const auto count = static_cast<std::int64_t>(data.size());
  return json::write(Value::object({{"count", Value::number(count)}, {"data", Value::array(std::move(data))}}));
}

}  // namespace nx::rest
