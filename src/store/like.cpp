#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "model/utf8.hpp"
#include "store/case_folding.hpp"
#include "store/pattern.hpp"

namespace nx::store {
namespace {

/// The part of a pattern between two `%`: bytes, where `any` marks the positions of `_`.
struct Segment {
  std::string bytes;  // '\0' at the position of any character; the text itself contains no '\0'
  bool any_character = false;
};

std::vector<Segment> segments_of(std::string_view pattern) {
  std::vector<Segment> segments(1);
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '%') {
      segments.emplace_back();
    } else if (c == '_') {
      segments.back().bytes += '\0';
      segments.back().any_character = true;
    } else {
      if (c == '\\' && i + 1 < pattern.size()) ++i;
      segments.back().bytes += pattern[i];
    }
  }
  return segments;
}

/// The number of bytes of `text` that the segment matches at its beginning.
std::optional<std::size_t> taken(std::string_view text, const Segment& segment) {
  if (!segment.any_character) {
    return text.starts_with(segment.bytes) ? std::optional{segment.bytes.size()} : std::nullopt;
  }
  std::size_t at = 0;
  for (const char c : segment.bytes) {
    if (at >= text.size()) return std::nullopt;
    if (c == '\0') {
      at += std::max<std::size_t>(1, utf8_character(text.substr(at)));
    } else if (text[at++] != c) {
      return std::nullopt;
    }
  }
  return at;
}

/// The position after the first match of the segment; nullopt without a match.
std::optional<std::size_t> found(std::string_view text, const Segment& segment) {
  if (!segment.any_character) {
    if (segment.bytes.empty()) return 0;
    const void* at = ::memmem(text.data(), text.size(), segment.bytes.data(), segment.bytes.size());
    if (at == nullptr) return std::nullopt;
    return static_cast<std::size_t>(static_cast<const char*>(at) - text.data()) + segment.bytes.size();
  }
  for (std::size_t at = 0; at < text.size(); at += std::max<std::size_t>(1, utf8_character(text.substr(at)))) {
    if (const auto size = taken(text.substr(at), segment)) return at + *size;
  }
  return std::nullopt;
}

/// Whether the segment matches at the end of the text.
bool ends(std::string_view text, const Segment& segment) {
  if (!segment.any_character) return text.ends_with(segment.bytes);
  const std::size_t characters = characters_of(segment.bytes).size();
  std::size_t at = text.size();
  for (std::size_t i = 0; i < characters; ++i) {
    if (at == 0) return false;
    do --at;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
  }
  const auto size = taken(text.substr(at), segment);
  return size && at + *size == text.size();
}

}  // namespace

Result<void> check_like(std::string_view pattern) {
  bool escaped = false;
  for (const char c : pattern) escaped = !escaped && c == '\\';
  if (escaped) return fail(ErrorKind::invalid, "a pattern must not end with an escape character");
  return {};
}

bool like(std::string_view text, std::string_view pattern) {
  const std::vector<Segment> segments = segments_of(pattern);
  const auto begin = taken(text, segments.front());
  if (!begin) return false;
  if (segments.size() == 1) return *begin == text.size();
  text.remove_prefix(*begin);
  for (std::size_t i = 1; i + 1 < segments.size(); ++i) {
    const auto end = found(text, segments[i]);
    if (!end) return false;
    text.remove_prefix(*end);
  }
  return ends(text, segments.back());
}

FoldedPattern fold_like(std::string_view pattern) {
  FoldedPattern folded;
  std::u32string done;
  for (const char32_t c : characters_of(pattern)) {
    const char32_t small = lower_case(c);
    append_utf8(folded.pattern, small);
    if (done.find(small) != std::u32string::npos) continue;
    done.push_back(small);
    for (const char32_t same : same_letters(c)) {
      if (same == small) continue;
      append_utf8(folded.from, same);
      append_utf8(folded.to, small);
    }
  }
  return folded;
}

}  // namespace nx::store
