#pragma once
// Interprets the timestamp of a Kafka record in whatever unit its producer used.

#include <optional>

#include "model/time.hpp"

namespace nx::contract {

/// Accepts a timestamp in milliseconds, seconds, micro- or nanoseconds: the unit that a producer chose must not
/// lose or delay a notification. std::nullopt when the value is not a plausible time in any of them.
std::optional<EpochMs> meant_time(EpochMs timestamp);

}  // namespace nx::contract
