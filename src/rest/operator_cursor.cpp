#include "rest/operator_cursor.hpp"

#include <algorithm>
#include <array>

#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "model/uuid.hpp"

namespace nx::rest {
namespace {

constexpr std::uint8_t kVersion = 2;  // version 1 is the cursor of a list of notifications
constexpr std::size_t kHashBytes = 8;
constexpr std::size_t kUuidBytes = 16;
constexpr std::size_t kBytes = 1 + kHashBytes + 2 * kUuidBytes;

std::array<std::uint8_t, 1 + kHashBytes> head(std::string_view filter) {
  std::array<std::uint8_t, 1 + kHashBytes> bytes{kVersion};
  const auto digest = crypto::sha256(filter);
  std::copy_n(digest.begin(), kHashBytes, bytes.begin() + 1);
  return bytes;
}

}  // namespace

std::string operator_cursor_text(const contract::ClientPlace& place, std::string_view filter) {
  const auto instance = parse_uuid(place.instance), client = parse_uuid(place.client);
  if (!instance || !client) return {};
  std::array<std::uint8_t, kBytes> bytes{};
  auto at = std::ranges::copy(head(filter), bytes.begin()).out;
  at = std::ranges::copy(*instance, at).out;
  std::ranges::copy(*client, at);
  return crypto::base64url_encode(bytes);
}

Input<contract::ClientPlace> read_operator_cursor(std::string_view text, std::string_view filter) {
  const auto bytes = crypto::base64url_decode(text);
  if (!bytes || bytes->size() != kBytes || bytes->front() != kVersion)
    return bad_field("cursor", "not a cursor of this list");
  const auto expected = head(filter);
  if (!std::equal(expected.begin(), expected.end(), bytes->begin()))
    return bad_field("cursor", "belongs to another filter");
  UuidBytes instance{}, client{};
  const auto ids = bytes->begin() + expected.size();
  std::copy_n(ids, kUuidBytes, instance.begin());
  std::copy_n(ids + kUuidBytes, kUuidBytes, client.begin());
  return contract::ClientPlace{uuid_text(instance), uuid_text(client)};
}

}  // namespace nx::rest
