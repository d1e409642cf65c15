#pragma once
// TActivityNotificationMessage (docs/notifications.md#the-message, contracts/activity-notification.schema.json): bytes
// → Activity, or why never.

#include <cstdint>
#include <string>
#include <string_view>

#include "model/activity.hpp"
#include "model/result.hpp"

namespace nx::contract {

/// Where a record came from.
struct RecordMetadata {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  EpochMs timestamp;
  std::string_view traceparent;  // the W3C header, may be empty
};

/// The error (kind invalid) names the field, what is wrong with it, and the bound; never more than 64 bytes of the
/// value. `extra_fields`: SIGNAL_EXTRA_FIELDS, `*` or a comma-separated list of unknown fields that are kept.
Result<Activity> decode_activity(std::string_view json, const RecordMetadata& metadata,
                                 std::string_view extra_fields = "*");

/// How `extra` begins when the unknown fields were too large to keep.
inline constexpr std::string_view kDroppedExtra = R"({"$dropped":)";

/// For counting: the unknown fields of this message were larger than 8 KiB and are not kept.
bool extra_was_dropped(const Activity& activity);

}  // namespace nx::contract
