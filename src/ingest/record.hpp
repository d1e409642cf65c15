#pragma once
// One message from Kafka on its way through the consumer.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "kafka/handle.hpp"
#include "model/activity.hpp"

namespace nx::ingest {

struct Record {
  enum class Step {
    store,        // decoded; Notify has not taken it yet
    dead_letter,  // can never be stored; `reason` says why
    set_aside,    // it waits elsewhere, without its batch
    done,         // its offset may be stored
  };

  kafka::MessageHandle message;
  std::int64_t offset = 0;
  EpochMs time;  // what the broker's or the producer's timestamp means; now when there is none
  Step step = Step::done;
  bool expired = false;        // older than the retention: done unstored
  bool odd_timestamp = false;  // not in milliseconds
  Activity activity;           // for store
  std::string reason;
};

/// What the timestamp means; now when there is none.
EpochMs time_of(const rd_kafka_message_t& message);

/// Decodes the value. An empty value is done at once, and so is one older than `retention` (0: none is too old).
Record read_record(kafka::MessageHandle message, std::string_view extra_fields, std::chrono::milliseconds retention);

}  // namespace nx::ingest
