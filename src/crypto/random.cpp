#include "crypto/random.hpp"

#include <stdexcept>

#include <openssl/rand.h>

namespace nx::crypto {

void random_bytes(std::span<std::uint8_t> out) {
  if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1)
    throw std::runtime_error("the system's random source failed");
}

UuidBytes uuid_v4() {
  UuidBytes bytes;
  random_bytes(bytes);
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);  // version, RFC 9562 §4.2
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);  // variant, RFC 9562 §4.1
  return bytes;
}

NotificationId uuid_v7(EpochMs time) {
  NotificationId id;
  const auto ms = static_cast<std::uint64_t>(time.value);
  for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  random_bytes(std::span(id.bytes).subspan(6));
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x70);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id;
}

}  // namespace nx::crypto
