#include "contract/record_time.hpp"

namespace nx::contract {
namespace {

constexpr std::int64_t kEarliest = 1'000'000'000'000;  // milliseconds: September 2001, before Kafka existed
constexpr std::int64_t kLatest = 100'000'000'000'000;  // the year 5138

bool is_plausible(std::int64_t milliseconds) {
  return milliseconds >= kEarliest && milliseconds < kLatest;
}

}  // namespace

std::optional<EpochMs> meant_time(EpochMs timestamp) {
  const std::int64_t value = timestamp.value;
  if (is_plausible(value)) return timestamp;
  if (value > 0 && value < kEarliest && is_plausible(value * 1'000)) return EpochMs{value * 1'000};
  for (const std::int64_t unit : {1'000, 1'000'000}) {
    if (is_plausible(value / unit)) return EpochMs{value / unit};
  }
  return std::nullopt;
}

}  // namespace nx::contract
