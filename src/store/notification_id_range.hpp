#pragma once
// The order of notification ids is that of their times: a UUIDv7 begins with its milliseconds.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "model/ids.hpp"
#include "model/time.hpp"

namespace nx::store {

/// The lowest id of that millisecond.
inline NotificationId first_id_at(EpochMs time) {
  NotificationId id;
  const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(0, time.value));
  for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  return id;
}

}  // namespace nx::store
