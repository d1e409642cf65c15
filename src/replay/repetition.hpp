#pragma once
// Makes the record that repeats another one: the same key, headers and value, and the identity of the repeated record,
// so that the message is stored once however often it is sent (docs/notifications.md#sending-a-message-again). Pure.

#include <optional>
#include <string>
#include <string_view>

#include "contract/record_source.hpp"
#include "kafka/record.hpp"
#include "model/result.hpp"

namespace nx::replay {

/// Where the repeated record is: in the DLQ topic, or in the notification topic, chosen by offset or by time.
enum class From { dlq, offset, time };
std::string_view to_text(From from);

/// The last value of that header; nullopt without one.
std::optional<std::string_view> header_of(const kafka::StoredRecord& record, std::string_view name);

/// The position of the message that a dead letter is about, from the letter's headers; nullopt if they do not have it.
std::optional<contract::RecordSource> origin_of(const kafka::StoredRecord& letter);

/// Whether `nx-signal replay` sent the record, and the record that it repeats is before it in the same partition of
/// `topic`, from the offset `first` on. A doubtful record is not a copy: to send it once more does no harm.
bool is_copy(const kafka::StoredRecord& record, std::string_view topic, std::int64_t first);

/// The topic that records are sent to.
struct Destination {
  std::string topic;
  std::int32_t partitions = 0;
};

struct Repetition {
  kafka::OutgoingRecord record;
  std::string source;  // the identity of the message
};

/// `found_in`: the topic of `record`. A dead letter goes to the partition of its message and gets the time of sending
/// as its timestamp; a record of the notification topic keeps its partition and timestamp. Without a replacement in
/// `value`, the record's own value is sent.
Repetition repetition(const kafka::StoredRecord& record, std::string_view found_in, From from, const Destination& to,
                      std::optional<std::string> value = std::nullopt);

/// The error (kind invalid) says why a message with this value would go to the DLQ topic.
Result<void> check_value(std::string_view value);

}  // namespace nx::replay
