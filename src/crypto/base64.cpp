#include "crypto/base64.hpp"

#include <array>
#include <cstring>

#include "crypto/base64_vector.hpp"

namespace nx::crypto {
namespace {

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::uint8_t kNoDigit = 0xff;

// Two characters for each 12 bits: two look-ups for three bytes. 8 KiB, a quarter of a small L1 cache.
constexpr auto kPairs = [] {
  std::array<std::array<char, 2>, 4096> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = {kStandard[i >> 6], kStandard[i & 63]};
  return pairs;
}();

constexpr std::array<std::uint8_t, 256> digits_of(std::string_view alphabet) {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(kNoDigit);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    digits[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return digits;
}

constexpr auto kStandardDigits = digits_of(kStandard);
constexpr auto kUrlSafeDigits = digits_of(kUrlSafe);

enum class TrailingBits { any, zero };

/// `text` is without padding.
std::optional<Bytes> decode(std::string_view text, const std::array<std::uint8_t, 256>& digits, TrailingBits trailing) {
  if (text.size() % 4 == 1) return std::nullopt;
  Bytes bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const std::uint8_t digit = digits[static_cast<unsigned char>(c)];
    if (digit == kNoDigit) return std::nullopt;
    bits = (bits << 6 | digit) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes.push_back(static_cast<std::uint8_t>(bits >> held));
    }
  }
  if (trailing == TrailingBits::zero && (bits & ((1U << held) - 1)) != 0) return std::nullopt;
  return bytes;
}

}  // namespace

void base64_encode_to(char* out, std::span<const std::uint8_t> bytes) {
  const std::size_t ahead = base64_encode_vector(out, bytes.data(), bytes.size());
  const std::uint8_t* in = bytes.data() + ahead;
  std::size_t left = bytes.size() - ahead;
  out += ahead / 3 * 4;
  for (; left >= 3; left -= 3, in += 3, out += 4) {
    const std::uint32_t bits = std::uint32_t{in[0]} << 16 | std::uint32_t{in[1]} << 8 | in[2];
    std::memcpy(out, kPairs[bits >> 12].data(), 2);
    std::memcpy(out + 2, kPairs[bits & 0xfff].data(), 2);
  }
  if (left == 0) return;
  const std::uint32_t bits = std::uint32_t{in[0]} << 16 | (left == 2 ? std::uint32_t{in[1]} << 8 : 0U);
  out[0] = kStandard[bits >> 18];
  out[1] = kStandard[bits >> 12 & 63];
  out[2] = left == 2 ? kStandard[bits >> 6 & 63] : '=';
  out[3] = '=';
}

std::string base64_encode(std::span<const std::uint8_t> bytes) {
  std::string text(base64_size(bytes.size()), '\0');
  base64_encode_to(text.data(), bytes);
  return text;
}

std::optional<Bytes> base64_decode(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && text.back() == '='; ++padding) text.remove_suffix(1);
  return decode(text, kStandardDigits, TrailingBits::any);
}

std::string base64url_encode(std::span<const std::uint8_t> bytes) {
  std::string text = base64_encode(bytes);
  while (!text.empty() && text.back() == '=') text.pop_back();
  for (char& c : text) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  return text;
}

std::optional<Bytes> base64url_decode(std::string_view text) {
  return decode(text, kUrlSafeDigits, TrailingBits::zero);
}

}  // namespace nx::crypto
