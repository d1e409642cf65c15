#pragma once
// The headers that a dead letter has in addition to those of its message (docs/notifications.md#the-dlq-topic).

#include <array>
#include <string_view>

namespace nx::contract {

inline constexpr std::string_view kReasonHeader = "signal.reason";
// The position of the message.
inline constexpr std::string_view kTopicHeader = "signal.topic";
inline constexpr std::string_view kPartitionHeader = "signal.partition";
inline constexpr std::string_view kOffsetHeader = "signal.offset";
inline constexpr std::string_view kTimestampHeader = "signal.timestamp";

inline constexpr std::array kDeadLetterHeaders{kReasonHeader, kTopicHeader, kPartitionHeader, kOffsetHeader,
                                               kTimestampHeader};

}  // namespace nx::contract
