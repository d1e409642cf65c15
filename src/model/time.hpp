#pragma once
// Wall-clock time is an integer: milliseconds since 1970-01-01T00:00:00Z. Text is ISO 8601 with exactly three digits
// and Z (docs/protocol.md#json-on-the-wire).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nx {

struct EpochMs {
  std::int64_t value = 0;
  friend auto operator<=>(const EpochMs&, const EpochMs&) = default;
};

EpochMs now_wall();  // any thread

/// `2026-11-23T08:44:45.117Z`; years 0000–9999.
std::string iso8601(EpochMs time);

/// ISO 8601 date-time with zone (`Z` or ±hh:mm), fraction optional and truncated to ms; also a bare date as midnight
/// UTC, as JavaScript's Date.parse reads it. nullopt for any other text and for dates that do not exist (31 February).
std::optional<EpochMs> parse_iso8601(std::string_view text);

}  // namespace nx
