#pragma once
// Base64 in two alphabets: standard with padding for the ECDH fields, URL-safe without padding for JWT and JWK
// (docs/protocol.md#json-on-the-wire).

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nx::crypto {

using Bytes = std::vector<std::uint8_t>;

/// RFC 4648 §4 with padding: 4·⌈n/3⌉ characters.
constexpr std::size_t base64_size(std::size_t bytes) {
  return (bytes + 2) / 3 * 4;
}

/// Writes base64_size(bytes.size()) characters at `out`; part of the hot path of sealing. `bytes` may be the tail of
/// those characters (encoding in place): writing never overtakes reading.
void base64_encode_to(char* out, std::span<const std::uint8_t> bytes);
std::string base64_encode(std::span<const std::uint8_t> bytes);

/// As strict as the IGNIS helper: not empty, length a multiple of 4, standard alphabet, at most two trailing `=`;
/// non-canonical trailing bits are accepted. std::nullopt for any other text.
std::optional<Bytes> base64_decode(std::string_view text);

/// RFC 4648 §5, without padding. Decoding refuses padding and non-zero trailing bits, so that a token has only one
/// spelling.
std::string base64url_encode(std::span<const std::uint8_t> bytes);
std::optional<Bytes> base64url_decode(std::string_view text);

}  // namespace nx::crypto
