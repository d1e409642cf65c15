#pragma once
// The records that `nx-signal replay` was asked to send again: its flags as positions and times, and the ranges of a
// topic that they mean.

#include <optional>
#include <string>
#include <vector>

#include "app/command_line.hpp"
#include "kafka/record_reader.hpp"
#include "replay/repetition.hpp"
#include "replay/selection.hpp"

namespace nx::app {

struct ReplayChoice {
  replay::From from = replay::From::dlq;
  std::optional<replay::OffsetSelection> offsets;  // also one dead letter
  std::optional<replay::TimeSelection> times;      // also `--since`
  std::optional<kafka::Position> continue_at;
};

/// The error says which flag is wrong.
Result<ReplayChoice> read_choice(const ReplayFlags& flags);

/// The ranges that have records now, by partition, without regard to `continue_at`; also with records of other times.
/// The error says which records the partition has.
Result<std::vector<kafka::OffsetRange>> chosen_ranges(const ReplayChoice& choice, kafka::RecordReader& reader);

/// The flags again, with that position.
std::string continuation_flags(const ReplayFlags& flags, const kafka::Position& at);

}  // namespace nx::app
