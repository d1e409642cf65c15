#pragma once
// One Kafka message while the consumer handles it.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "kafka/handle.hpp"
#include "model/activity.hpp"

namespace nx::ingest {

struct Record {
  enum class Step {
    store,        // decoded, not yet stored by Notify
    dead_letter,  // can never be stored; `reason` says why
    set_aside,    // waits in its lane, outside of its batch
    done,         // its offset may be stored
  };

  kafka::MessageHandle message;
  std::int64_t offset = 0;
  EpochMs time;  // the broker's or the producer's timestamp in milliseconds; without one, the current time
  Step step = Step::done;
  bool expired = false;        // older than the retention: done without being stored
  bool odd_timestamp = false;  // not in milliseconds
  Activity activity;           // for `store`
  std::string reason;
};

/// The timestamp in milliseconds, whatever its unit; the current time if the record has none.
EpochMs time_of(const rd_kafka_message_t& message);

/// Decodes the value. A record with an empty value is done at once, and so is one older than `retention` (0: no limit).
Record read_record(kafka::MessageHandle message, std::string_view extra_fields, std::chrono::milliseconds retention);

}  // namespace nx::ingest
