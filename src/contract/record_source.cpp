#include "contract/record_source.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "model/number.hpp"

namespace nx::contract {
namespace {

constexpr std::size_t kMaxTopicBytes = 249;

bool is_topic_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

}  // namespace

bool is_topic_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxTopicBytes && std::ranges::all_of(text, is_topic_character);
}

std::string source_text(const RecordSource& source) {
  return fmt::format("{}/{}/{}/{}", source.topic, source.partition, source.offset, source.timestamp);
}

std::optional<RecordSource> read_source(std::string_view text) {
  std::array<std::string_view, 4> parts;
  std::string_view rest = text;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    parts[i] = rest.substr(0, slash);
    rest.remove_prefix(slash + 1);
  }
  parts.back() = rest;
  const auto partition = whole_number<std::int32_t>(parts[1]);
  const auto offset = whole_number<std::int64_t>(parts[2]);
  const auto timestamp = whole_number<std::int64_t>(parts[3]);
  if (!is_topic_name(parts[0]) || !partition || *partition < 0 || !offset || *offset < 0 || !timestamp) {
    return std::nullopt;
  }
  RecordSource source{std::string(parts[0]), *partition, *offset, *timestamp};
  if (source_text(source) != text) return std::nullopt;  // one spelling: no leading zeros
  return source;
}

}  // namespace nx::contract
