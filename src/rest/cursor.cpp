#include "rest/cursor.hpp"

#include <algorithm>
#include <array>

#include "crypto/base64.hpp"
#include "crypto/digest.hpp"

namespace nx::rest {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kSeqBytes = 8;   // big-endian
constexpr std::size_t kHashBytes = 8;  // distinguishes filters; it is not a secret and protects nothing
using CursorBytes = std::array<std::uint8_t, 1 + kSeqBytes + kHashBytes>;

CursorBytes cursor_bytes(std::int64_t seq, std::string_view filter) {
  CursorBytes bytes{kVersion};
  for (std::size_t i = 0; i < kSeqBytes; ++i) {
    bytes[1 + i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(seq) >> (8 * (kSeqBytes - 1 - i)));
  }
  const auto digest = crypto::sha256(filter);
  std::copy_n(digest.begin(), kHashBytes, bytes.begin() + 1 + kSeqBytes);
  return bytes;
}

}  // namespace

std::string cursor_text(std::int64_t seq, std::string_view filter) {
  return crypto::base64url_encode(cursor_bytes(seq, filter));
}

Input<std::int64_t> read_cursor(std::string_view text, std::string_view filter) {
  const auto bytes = crypto::base64url_decode(text);
  if (!bytes || bytes->size() != CursorBytes{}.size() || bytes->front() != kVersion)
    return bad_field("cursor", "not a cursor of this service");
  std::uint64_t seq = 0;
  for (std::size_t i = 0; i < kSeqBytes; ++i) seq = seq << 8 | (*bytes)[1 + i];
  const CursorBytes expected = cursor_bytes(static_cast<std::int64_t>(seq), filter);
  if (!std::equal(expected.begin(), expected.end(), bytes->begin()))
    return bad_field("cursor", "belongs to another filter");
  return static_cast<std::int64_t>(seq);
}

}  // namespace nx::rest
