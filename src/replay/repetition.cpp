#include "replay/repetition.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "contract/activity_message.hpp"
#include "contract/dead_letter_headers.hpp"
#include "model/number.hpp"

namespace nx::replay {
namespace {

using contract::RecordSource;
using kafka::StoredRecord;

bool is_left_out(const std::string& name) {
  return name == contract::kReplayOfHeader || name == contract::kReplayFromHeader ||
         std::ranges::find(contract::kDeadLetterHeaders, name) != contract::kDeadLetterHeaders.end();
}

/// A repetition of a repetition has the identity of the first record.
RecordSource identity_of(const StoredRecord& record, std::string_view found_in, From from) {
  if (const auto replayed = header_of(record, contract::kReplayOfHeader)) {
    if (auto source = contract::read_source(*replayed)) return *std::move(source);
  }
  if (from == From::dlq) {
    if (auto origin = origin_of(record)) return *std::move(origin);
  }
  return {std::string(found_in), record.at.partition, record.at.offset, record.timestamp.value_or(-1)};
}

}  // namespace

std::string_view to_text(From from) {
  switch (from) {
    case From::dlq:
      return "dlq";
    case From::offset:
      return "offset";
    case From::time:
      return "time";
  }
  return "";
}

std::optional<std::string_view> header_of(const StoredRecord& record, std::string_view name) {
  for (auto one = record.headers.rbegin(); one != record.headers.rend(); ++one) {
    if (one->name == name && one->value) return *one->value;
  }
  return std::nullopt;
}

std::optional<RecordSource> origin_of(const StoredRecord& letter) {
  const auto text = [&letter](std::string_view name) { return header_of(letter, name).value_or(std::string_view()); };
  const std::string_view timestamp = header_of(letter, contract::kTimestampHeader).value_or("-1");
  return contract::read_source(fmt::format("{}/{}/{}/{}", text(contract::kTopicHeader),
                                           text(contract::kPartitionHeader), text(contract::kOffsetHeader), timestamp));
}

bool is_copy(const StoredRecord& record, std::string_view topic, std::int64_t first) {
  const auto from = header_of(record, contract::kReplayFromHeader);
  if (from != to_text(From::offset) && from != to_text(From::time)) return false;
  const auto of = contract::read_source(header_of(record, contract::kReplayOfHeader).value_or(std::string_view()));
  return of && of->topic == topic && of->partition == record.at.partition && first <= of->offset &&
         of->offset < record.at.offset;
}

Repetition repetition(const StoredRecord& record, std::string_view found_in, From from, const Destination& to,
                      std::optional<std::string> value) {
  const RecordSource identity = identity_of(record, found_in, from);
  Repetition made{.record = {}, .source = contract::source_text(identity)};
  kafka::OutgoingRecord& out = made.record;
  out.key = record.key;
  for (const kafka::Header& one : record.headers) {
    if (!is_left_out(one.name)) out.headers.push_back(one);
  }
  out.headers.push_back({std::string(contract::kReplayOfHeader), made.source});
  out.headers.push_back({std::string(contract::kReplayFromHeader), std::string(to_text(from))});
  out.value = value ? *std::move(value) : record.value;
  if (from != From::dlq) {
    out.partition = record.at.partition;
    out.timestamp = record.timestamp;
  } else if (identity.topic == to.topic && identity.partition < to.partitions) {
    out.partition = identity.partition;
  }
  return made;
}

Result<void> check_value(std::string_view value) {
  if (value.empty()) return fail(ErrorKind::invalid, "message: is empty; an empty record is ignored");
  if (value.size() > contract::kMaxMessageBytes) {
    return fail(ErrorKind::invalid,
                fmt::format("message: {} bytes, the limit is {}", value.size(), contract::kMaxMessageBytes));
  }
  const auto activity = contract::decode_activity(value, {});
  if (!activity) return error_of(activity);
  return {};
}

}  // namespace nx::replay
