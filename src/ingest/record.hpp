#pragma once
// One Kafka message while the consumer handles it.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "kafka/handle.hpp"
#include "model/activity.hpp"
#include "observe/trace_context.hpp"
#include "trace/span_writer.hpp"

namespace nx::ingest {

/// The span of a record that is under way: from its decoding until the record is done.
struct RecordSpan {
  observe::SpanContext self;
  std::uint64_t parent = 0;  // 0: the record has no `traceparent`, and the trace begins here
  trace::Time begin;
};

struct Record {
  enum class Step {
    store,        // decoded, not yet stored by Notify
    dead_letter,  // can never be stored; `reason` says why
    set_aside,    // waits in its lane, outside of its batch
    done,         // its offset may be committed
  };

  kafka::MessageHandle message;
  std::int64_t offset = 0;
  EpochMs time;  // the broker's or the producer's timestamp in milliseconds; without one, the current time
  Step step = Step::done;
  bool expired = false;        // older than the retention: done without being stored
  bool odd_timestamp = false;  // not in milliseconds
  Activity activity;           // for `store`
  std::string reason;
  RecordSpan span;  // zero: it is not traced
};

/// The timestamp in milliseconds, whatever its unit; the current time if the record has none.
EpochMs time_of(const rd_kafka_message_t& message);

/// Decodes the value. A record with an empty value is done at once, and so is one older than `retention` (0: no limit).
Record read_record(kafka::MessageHandle message, std::string_view extra_fields, std::chrono::milliseconds retention);

/// Begins the span of a record that is to be stored or is a dead letter, if the record is sampled. Its `traceparent`
/// decides that; for a record without a valid one, `ratio` does. The activity then carries the header of this span.
void begin_span(Record& record, trace::SpanWriter& spans, double ratio);

/// The record is done. `error`: why it was not stored, a literal; null: it was.
void end_span(const Record& record, trace::SpanWriter& spans, const char* error);

}  // namespace nx::ingest
