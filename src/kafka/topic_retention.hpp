#pragma once
// How long the topic keeps its records: a record can come again for that long, so its idempotency key must be known for
// longer (docs/data-model.md#the-key-of-a-message).

#include <chrono>
#include <optional>
#include <string>

#include "kafka/connection_options.hpp"
#include "model/result.hpp"

namespace nx::kafka {

/// None: the topic keeps records for ever. Blocks for at most the boot time-out or 3 s. An error too when the broker
/// does not let us read the topic's configuration (`DescribeConfigs`).
Result<std::optional<std::chrono::milliseconds>> topic_retention(const ConnectionOptions& options,
                                                                 const std::string& topic);

}  // namespace nx::kafka
