#pragma once
// TActivityNotificationMessage (contract §6; contracts/activity-notification.schema.json): bytes → Activity, or why never.

#include <cstdint>
#include <string>
#include <string_view>

#include "model/activity.hpp"
#include "model/result.hpp"

namespace nx::contract {

/// Where a record came from.
struct RecordOrigin {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  EpochMs timestamp;
  std::string_view traceparent;  // the W3C header, may be empty
};

/// The error (kind invalid) names the field, what is wrong with it, and the bound; never more than 64 bytes of the value.
/// `extra_fields`: SIGNAL_EXTRA_FIELDS, `*` or a comma-separated list of unknown fields that are kept.
Result<Activity> decode_activity(std::string_view json, const RecordOrigin& origin, std::string_view extra_fields = "*");

}  // namespace nx::contract
