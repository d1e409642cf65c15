#include "model/utf8.hpp"

#include <cstring>

namespace nx {
namespace {

constexpr std::uint8_t kInvalid = 0xFF;

// Most text is ASCII: reads eight bytes at a time until one has its high bit set.
std::size_t ascii_prefix(std::string_view bytes) {
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, 8);
    if ((word & 0x8080808080808080U) != 0) break;
  }
  return at;
}

}  // namespace

bool Utf8Validator::feed(std::string_view bytes) {
  if (remaining_ == kInvalid) return false;
  std::size_t at = remaining_ == 0 ? ascii_prefix(bytes) : 0;
  while (at < bytes.size()) {
    const auto byte = static_cast<std::uint8_t>(bytes[at++]);
    if (remaining_ > 0) {
      if (byte < lowest_ || byte > highest_) {
        remaining_ = kInvalid;
        return false;
      }
      --remaining_;
      lowest_ = 0x80;
      highest_ = 0xBF;
      if (remaining_ == 0) at += ascii_prefix(bytes.substr(at));
      continue;
    }
    if (byte < 0x80) continue;
    // RFC 3629 §4, the second byte's ranges.
    if (byte >= 0xC2 && byte <= 0xDF) {
      remaining_ = 1;
    } else if (byte >= 0xE0 && byte <= 0xEF) {
      remaining_ = 2;
      if (byte == 0xE0) lowest_ = 0xA0;
      if (byte == 0xED) highest_ = 0x9F;
    } else if (byte >= 0xF0 && byte <= 0xF4) {
      remaining_ = 3;
      if (byte == 0xF0) lowest_ = 0x90;
      if (byte == 0xF4) highest_ = 0x8F;
    } else {
      remaining_ = kInvalid;
      return false;
    }
  }
  return true;
}

bool is_utf8(std::string_view text) {
  Utf8Validator validator;
  return validator.feed(text) && validator.complete();
}

std::size_t utf8_character(std::string_view text) {
  Utf8Validator validator;
  for (std::size_t size = 1; size <= text.size() && validator.feed(text.substr(size - 1, 1)); ++size) {
    if (validator.complete()) return size;
  }
  return 0;
}

std::string_view utf8_prefix(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U) --limit;
  return text.substr(0, limit);
}

char* write_utf8(char* to, char32_t character) {
  const auto byte = [&to](std::uint32_t bits) { *to++ = static_cast<char>(bits); };
  const auto tail = [&byte, character](int shift) { byte(0x80U | (character >> shift & 0x3FU)); };
  if (character < 0x80) {
    byte(character);
  } else if (character < 0x800) {
    byte(0xC0U | character >> 6);
    tail(0);
  } else if (character < 0x10000) {
    byte(0xE0U | character >> 12);
    tail(6);
    tail(0);
  } else {
    byte(0xF0U | character >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
  return to;
}

}  // namespace nx
