#pragma once
// The texts by which an operator chooses records: a position, a range of offsets, a range of time. Pure.

#include <cstdint>
#include <optional>
#include <string_view>

#include "kafka/record.hpp"
#include "model/result.hpp"
#include "model/time.hpp"

namespace nx::replay {

/// `P:O`
Result<kafka::Position> read_position(std::string_view text);

struct OffsetSelection {
  std::int32_t partition = 0;
  std::int64_t first = 0;
  std::optional<std::int64_t> last;  // nullopt: to the end of the partition
};
/// `P:O` one record, `P:O1..O2` both included, `P:O..` to the end.
Result<OffsetSelection> read_offsets(std::string_view text);

struct TimeSelection {
  EpochMs from;
  std::optional<EpochMs> before;  // nullopt: to the end of each partition
  bool has(EpochMs time) const { return from <= time && (!before || time < *before); }
};
/// `T1` or `T1..` to the end, `T1..T2` without T2.
Result<TimeSelection> read_times(std::string_view text);

/// ISO 8601 or milliseconds since 1970. A number that a record's timestamp would mean in another unit is refused.
Result<EpochMs> read_time(std::string_view text);

}  // namespace nx::replay
