#include "client/base64.hpp"

#include <openssl/evp.h>

namespace nx::client {

std::string to_base64(std::span<const std::uint8_t> bytes) {
  std::vector<unsigned char> text((bytes.size() + 2) / 3 * 4 + 1);  // EVP_EncodeBlock adds a NUL
  const int length = EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(bytes.size()));
  return {text.begin(), text.begin() + length};
}

std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr std::size_t kLongest = 1U << 28U;  // far above any message and far below the maximum of int
  if (text.empty() || text.size() % 4 != 0 || text.size() > kLongest) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && text[text.size() - 1 - padding] == '=') ++padding;
  // EVP_DecodeBlock ignores white space at both ends, which strict base64 does not allow.
  const std::string_view digits = text.substr(0, text.size() - padding);
  if (digits.find_first_not_of(kAlphabet) != std::string_view::npos) return std::nullopt;

  const std::vector<unsigned char> input(text.begin(), text.end());
  std::vector<std::uint8_t> bytes(text.size() / 4 * 3);
  const int length = EVP_DecodeBlock(bytes.data(), input.data(), static_cast<int>(input.size()));
  if (length < 0) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(length) - padding);
  return bytes;
}

}  // namespace nx::client
