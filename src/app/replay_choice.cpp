#include "app/replay_choice.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace nx::app {
namespace {

using kafka::OffsetRange;

Result<void> read_letters(const ReplayFlags& flags, ReplayChoice& choice) {
  if (!flags.range.empty()) {
    return fail(ErrorKind::invalid, fmt::format("'{}': --from dlq has no range; use --partition and --offset, or "
                                                "--since",
                                                flags.range));
  }
  if (flags.offset) {
    choice.offsets = {.partition = flags.partition.value_or(0), .first = *flags.offset, .last = *flags.offset};
  }
  if (flags.since.empty()) return {};
  const auto since = replay::read_time(flags.since);
  if (!since) return fail(ErrorKind::invalid, "--since " + since.error().message);
  choice.times = {.from = *since, .before = std::nullopt};
  return {};
}

Result<void> read_records(const ReplayFlags& flags, ReplayChoice& choice) {
  if (flags.offset || !flags.since.empty() || !flags.value.empty()) {
    return fail(ErrorKind::invalid, "--partition, --offset, --since and --value are for --from dlq");
  }
  if (choice.from == replay::From::offset) {
    const auto offsets = replay::read_offsets(flags.range);
    if (!offsets) return error_of(offsets);
    choice.offsets = *offsets;
    return {};
  }
  const auto times = replay::read_times(flags.range);
  if (!times) return error_of(times);
  choice.times = *times;
  return {};
}

/// A single record must be there; a range may reach beyond.
Result<OffsetRange> chosen_range(const replay::OffsetSelection& offsets, const std::vector<OffsetRange>& bounds,
                                 const std::string& topic) {
  const auto has = std::ranges::find(bounds, offsets.partition, &OffsetRange::partition);
  if (has == bounds.end()) {
    return fail(ErrorKind::invalid, fmt::format("Kafka topic '{}' has no partition {}: it has {}", topic,
                                                offsets.partition, bounds.size()));
  }
  const bool is_there = has->first <= offsets.first && offsets.first < has->end;
  if (offsets.last == offsets.first && !is_there) {
    return fail(ErrorKind::invalid, fmt::format("Kafka topic '{}', partition {}, has no record at offset {}: its "
                                                "offsets are {} to {}",
                                                topic, offsets.partition, offsets.first, has->first, has->end - 1));
  }
  const std::int64_t end = offsets.last ? std::min(*offsets.last, has->end - 1) + 1 : has->end;
  return OffsetRange{.partition = offsets.partition, .first = std::max(offsets.first, has->first), .end = end};
}

/// Timestamps need not ascend, so a partition ends nowhere by time: RangeReplay looks at each record's. Before the
/// first record that is not earlier than the time there is none to be found, unless its timestamp is in seconds.
Result<std::vector<OffsetRange>> ranges_since(EpochMs from, std::vector<OffsetRange> bounds,
                                              kafka::RecordReader& reader) {
  const auto firsts = reader.offsets_at(from);
  if (!firsts) return error_of(firsts);
  for (std::size_t i = 0; i < bounds.size() && i < firsts->size(); ++i) {
    bounds[i].first = std::max(bounds[i].first, (*firsts)[i]);
  }
  return bounds;
}

}  // namespace

Result<ReplayChoice> read_choice(const ReplayFlags& flags) {
  using replay::From;
  ReplayChoice choice;
  choice.from = flags.from == "dlq" ? From::dlq : flags.from == "offset" ? From::offset : From::time;
  auto read = choice.from == From::dlq ? read_letters(flags, choice) : read_records(flags, choice);
  if (!read) return error_of(read);
  if (flags.continue_at.empty()) return choice;
  const auto at = replay::read_position(flags.continue_at);
  if (!at) return fail(ErrorKind::invalid, "--continue-at " + at.error().message);
  choice.continue_at = *at;
  return choice;
}

Result<std::vector<OffsetRange>> chosen_ranges(const ReplayChoice& choice, kafka::RecordReader& reader) {
  auto bounds = reader.bounds();
  if (!bounds) return error_of(bounds);
  std::vector<OffsetRange> ranges = *bounds;
  if (choice.offsets) {
    const auto range = chosen_range(*choice.offsets, *bounds, reader.topic());
    if (!range) return error_of(range);
    ranges = {*range};
  } else if (choice.times) {
    auto timed = ranges_since(choice.times->from, *std::move(bounds), reader);
    if (!timed) return error_of(timed);
    ranges = *std::move(timed);
  }
  std::erase_if(ranges, [](const OffsetRange& range) { return range.first >= range.end; });
  return ranges;
}

std::string continuation_flags(const ReplayFlags& flags, const kafka::Position& at) {
  std::string text = "--from " + flags.from;
  if (!flags.range.empty()) text += " " + flags.range;
  if (!flags.since.empty()) text += " --since " + flags.since;
  if (flags.dry_run) text += " --dry-run";
  return text + fmt::format(" --continue-at {}:{}", at.partition, at.offset);
}

}  // namespace nx::app
