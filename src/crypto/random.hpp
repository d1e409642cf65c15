#pragma once
// Random bytes and identifiers made of them (OpenSSL's DRBG). Any thread. Throws std::runtime_error when the system has
// no entropy.

#include <cstdint>
#include <span>

#include "model/ids.hpp"
#include "model/time.hpp"
#include "model/uuid.hpp"

namespace nx::crypto {

void random_bytes(std::span<std::uint8_t> out);

UuidBytes uuid_v4();

/// UUIDv7 (RFC 9562 §5.7): 48 bits of `time`, then random bits. Two ids of the same millisecond have no defined order.
NotificationId uuid_v7(EpochMs time);

}  // namespace nx::crypto
