#pragma once
// What a Kafka record's timestamp means, whatever unit its producer took.

#include <optional>

#include "model/time.hpp"

namespace nx::contract {

/// A timestamp in seconds, micro- or nanoseconds is one all the same: a notification is not lost, nor kept from its
/// recipients, for its producer's unit. None for what means no time at all.
std::optional<EpochMs> meant_time(EpochMs timestamp);

}  // namespace nx::contract
