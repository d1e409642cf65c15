#pragma once
// The time for which the topic keeps its records: a record can be redelivered for that long, so its idempotency key
// must be kept for longer (docs/data-model.md#the-key-of-a-message).

#include <chrono>
#include <optional>
#include <string>

#include "kafka/connection_options.hpp"
#include "model/result.hpp"

namespace nx::kafka {

/// nullopt: the topic keeps records without limit. Blocks for at most the boot time-out or 3 s. It is also an error
/// when the broker does not let us read the topic's configuration (`DescribeConfigs`).
Result<std::optional<std::chrono::milliseconds>> topic_retention(const ConnectionOptions& options,
                                                                 const std::string& topic);

}  // namespace nx::kafka
