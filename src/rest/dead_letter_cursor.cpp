#include "rest/dead_letter_cursor.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <span>

#include "crypto/base64.hpp"
#include "crypto/digest.hpp"

namespace nx::rest {
namespace {

constexpr std::uint8_t kVersion = 3;  // 1: notifications, 2: clients
constexpr std::size_t kHashBytes = 8;
constexpr std::size_t kHeadBytes = 1 + kHashBytes;
constexpr std::size_t kPartitionBytes = 4, kOffsetBytes = 8, kPlaceBytes = kPartitionBytes + kOffsetBytes;

std::array<std::uint8_t, kHeadBytes> head(std::string_view topic) {
  std::array<std::uint8_t, kHeadBytes> bytes{kVersion};
  const auto digest = crypto::sha256(topic);
  std::copy_n(digest.begin(), kHashBytes, bytes.begin() + 1);
  return bytes;
}

/// Big-endian.
void append_number(crypto::Bytes& out, std::uint64_t number, std::size_t size) {
  for (std::size_t i = size; i > 0; --i) out.push_back(static_cast<std::uint8_t>(number >> 8 * (i - 1)));
}

std::uint64_t number_of(std::span<const std::uint8_t> bytes) {
  std::uint64_t number = 0;
  for (const std::uint8_t byte : bytes) number = number << 8 | byte;
  return number;
}

}  // namespace

std::string dead_letter_cursor_text(const replay::DeadLetterCursor& cursor, std::string_view topic) {
  const auto begin = head(topic);
  crypto::Bytes bytes(begin.begin(), begin.end());
  for (const auto& [partition, offset] : cursor) {
    append_number(bytes, static_cast<std::uint64_t>(partition), kPartitionBytes);
    append_number(bytes, static_cast<std::uint64_t>(offset), kOffsetBytes);
  }
  return crypto::base64url_encode(bytes);
}

Input<replay::DeadLetterCursor> read_dead_letter_cursor(std::string_view text, std::string_view topic) {
  const auto bytes = crypto::base64url_decode(text);
  if (!bytes || bytes->size() <= kHeadBytes || (bytes->size() - kHeadBytes) % kPlaceBytes != 0 ||
      bytes->front() != kVersion) {
    return bad_field("cursor", "not a cursor of this list");
  }
  const auto expected = head(topic);
  if (!std::equal(expected.begin(), expected.end(), bytes->begin())) {
    return bad_field("cursor", "belongs to another topic");
  }
  replay::DeadLetterCursor cursor;
  for (auto rest = std::span(*bytes).subspan(kHeadBytes); !rest.empty(); rest = rest.subspan(kPlaceBytes)) {
    const std::uint64_t partition = number_of(rest.first(kPartitionBytes));
    const std::uint64_t offset = number_of(rest.subspan(kPartitionBytes, kOffsetBytes));
    if (partition > std::numeric_limits<std::int32_t>::max() || offset > std::numeric_limits<std::int64_t>::max()) {
      return bad_field("cursor", "not a cursor of this list");
    }
    cursor.emplace(static_cast<std::int32_t>(partition), static_cast<std::int64_t>(offset));
  }
  return cursor;
}

}  // namespace nx::rest
