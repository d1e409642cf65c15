#pragma once
// One message from Kafka on its way through the consumer.

#include <string>
#include <string_view>

#include "ingest/kafka_handle.hpp"
#include "model/activity.hpp"

namespace nx::ingest {

struct Record {
  enum class Step {
    store,        // decoded; Notify has not taken it yet
    dead_letter,  // can never be stored; `reason` says why
    done,         // its offset may be stored
  };

  MessageHandle message;
  Step step = Step::done;
  Activity activity;  // for store
  std::string reason;
};

/// Decodes the value. An empty value is done at once.
Record read_record(MessageHandle message, std::string_view extra_fields);

}  // namespace nx::ingest
