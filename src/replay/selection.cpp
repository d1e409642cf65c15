#include "replay/selection.hpp"

#include <utility>

#include <fmt/core.h>

#include "contract/record_time.hpp"
#include "model/number.hpp"

namespace nx::replay {
namespace {

constexpr std::string_view kTo = "..";

/// The texts before and after the first `..`; the second is nullopt without it.
std::pair<std::string_view, std::optional<std::string_view>> ends_of(std::string_view text) {
  const std::size_t at = text.find(kTo);
  if (at == std::string_view::npos) return {text, std::nullopt};
  return {text.substr(0, at), text.substr(at + kTo.size())};
}

std::optional<std::int64_t> offset_in(std::string_view text) {
  const auto offset = whole_number<std::int64_t>(text);
  return offset && *offset >= 0 ? offset : std::nullopt;
}

}  // namespace

Result<kafka::Position> read_position(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos) {
    const auto partition = whole_number<std::int32_t>(text.substr(0, colon));
    const auto offset = offset_in(text.substr(colon + 1));
    if (partition && *partition >= 0 && offset) return kafka::Position{*partition, *offset};
  }
  return fail(ErrorKind::invalid, fmt::format("'{}' is not PARTITION:OFFSET, for example 3:1200", text));
}

Result<OffsetSelection> read_offsets(std::string_view text) {
  const auto [begin, end] = ends_of(text);
  const auto first = read_position(begin);
  if (!first) {
    return fail(ErrorKind::invalid,
                fmt::format("'{}' is not a range of offsets, for example 3:1200, 3:1200..1300 or 3:1200..", text));
  }
  OffsetSelection chosen{.partition = first->partition, .first = first->offset, .last = first->offset};
  if (!end) return chosen;
  chosen.last.reset();
  if (end->empty()) return chosen;
  chosen.last = offset_in(*end);
  if (!chosen.last || *chosen.last < chosen.first) {
    return fail(ErrorKind::invalid, fmt::format("'{}' does not end with an offset of at least {}", text, chosen.first));
  }
  return chosen;
}

Result<EpochMs> read_time(std::string_view text) {
  if (const auto time = parse_iso8601(text)) return *time;
  const auto number = whole_number<std::int64_t>(text);
  if (number && contract::meant_time({*number}) == EpochMs{*number}) return EpochMs{*number};
  return fail(ErrorKind::invalid, fmt::format("'{}' is not a time: give it as 2026-11-30T08:00:00Z, or as milliseconds "
                                              "since 1970, for example 1796025600000",
                                              text));
}

Result<TimeSelection> read_times(std::string_view text) {
  const auto [begin, end] = ends_of(text);
  const auto from = read_time(begin);
  if (!from) return error_of(from);
  TimeSelection chosen{.from = *from, .before = std::nullopt};
  if (!end || end->empty()) return chosen;
  const auto before = read_time(*end);
  if (!before) return error_of(before);
  if (*before <= *from) return fail(ErrorKind::invalid, fmt::format("'{}' does not end after it begins", text));
  chosen.before = *before;
  return chosen;
}

}  // namespace nx::replay
