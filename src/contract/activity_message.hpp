#pragma once
// TActivityNotificationMessage (docs/notifications.md#the-message, contracts/activity-notification.schema.json): parses
// bytes into an Activity, or reports why they are invalid.

#include <cstdint>
#include <string>
#include <string_view>

#include "model/activity.hpp"
#include "model/result.hpp"

namespace nx::contract {

/// The origin of a record.
struct RecordMetadata {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  EpochMs timestamp;
  std::string_view traceparent;  // the W3C header; may be empty
};

/// Checked before parsing, which takes many times its size. No meaningful message comes near it, but a batch of a few
/// kilobytes can decompress to gigabytes.
inline constexpr std::size_t kMaxMessageBytes = 8UL * 1024 * 1024;

/// The error (kind invalid) names the field, its problem and the bound, with at most 64 bytes of the value.
/// `extra_fields` is SIGNAL_EXTRA_FIELDS: `*` or a comma-separated list of the unknown fields to keep.
Result<Activity> decode_activity(std::string_view json, const RecordMetadata& metadata,
                                 std::string_view extra_fields = "*");

/// The beginning of `extra` when the unknown fields were too large to keep.
inline constexpr std::string_view kDroppedExtra = R"({"$dropped":)";

/// Returns true when the unknown fields of this message were larger than 8 KiB and were dropped. For counting.
bool extra_was_dropped(const Activity& activity);

}  // namespace nx::contract
