#pragma once
// The position of a Kafka record as text, which identifies a message without an `id`; and the headers by which a record
// says that it repeats another one (docs/notifications.md#sending-a-message-again).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nx::contract {

/// The source of the record that this one repeats. Both are the same message.
inline constexpr std::string_view kReplayOfHeader = "signal.replay-of";
/// `dlq`: the record was a dead letter; `offset` or `time`: `nx-signal replay` found it by its offset or time.
inline constexpr std::string_view kReplayFromHeader = "signal.replay-from";

struct RecordSource {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int64_t timestamp = -1;  // as the record has it; -1: it has none, or it is not known
  friend bool operator==(const RecordSource&, const RecordSource&) = default;
};

/// `<topic>/<partition>/<offset>/<timestamp>`
std::string source_text(const RecordSource& source);

/// Reads what source_text() writes, and nothing else: the text is input from outside.
std::optional<RecordSource> read_source(std::string_view text);

/// 1 to 249 characters that Kafka allows in the name of a topic.
bool is_topic_name(std::string_view text);

}  // namespace nx::contract
