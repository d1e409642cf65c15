#include "ingest/record.hpp"

#include <fmt/core.h>

#include "contract/activity_message.hpp"
#include "contract/record_source.hpp"
#include "contract/record_time.hpp"

namespace nx::ingest {
namespace {

std::string_view header(const rd_kafka_message_t* message, const char* name) {
  rd_kafka_headers_t* headers = nullptr;  // owned by the message
  if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  const void* value = nullptr;
  std::size_t size = 0;
  if (rd_kafka_header_get_last(headers, name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR || !value) return {};
  return {static_cast<const char*>(value), size};
}

}  // namespace

EpochMs time_of(const rd_kafka_message_t& message) {
  rd_kafka_timestamp_type_t type{};
  const EpochMs timestamp{rd_kafka_message_timestamp(&message, &type)};
  // A broker that stores no timestamps (-1) must not make new messages look old.
  if (type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE) return now_wall();
  return contract::meant_time(timestamp).value_or(now_wall());
}

Record read_record(kafka::MessageHandle message, std::string_view extra_fields, std::chrono::milliseconds retention) {
  Record record;
  const std::string_view value{static_cast<const char*>(message->payload), message->len};
  rd_kafka_timestamp_type_t type{};
  const EpochMs timestamp{rd_kafka_message_timestamp(message.get(), &type)};
  const bool none = type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  record.offset = message->offset;
  record.time = time_of(*message);
  record.odd_timestamp = !none && record.time.value != timestamp.value;
  record.expired = !value.empty() && retention.count() > 0 && now_wall().value - record.time.value > retention.count();
  if (!record.expired && value.size() > contract::kMaxMessageBytes) {
    record.step = Record::Step::dead_letter;
    record.reason = fmt::format("message: {} bytes, the limit is {}", value.size(), contract::kMaxMessageBytes);
  } else if (!value.empty() && !record.expired) {
    auto activity = contract::decode_activity(value,
                                              {.topic = rd_kafka_topic_name(message->rkt),
                                               .partition = message->partition,
                                               .offset = message->offset,
                                               .timestamp = timestamp,
                                               .traceparent = header(message.get(), "traceparent")},
                                              extra_fields);
    if (activity) {
      record.step = Record::Step::store;
      record.activity = std::move(*activity);
      record.activity.record_time = record.time;
      const std::string_view repeated = header(message.get(), contract::kReplayOfHeader.data());
      if (contract::read_source(repeated)) record.activity.replay_of = repeated;
    } else {
      record.step = Record::Step::dead_letter;
      record.reason = std::move(activity.error().message);
    }
  }
  record.message = std::move(message);
  return record;
}

void begin_span(Record& record, trace::SpanWriter& spans, double ratio) {
  if (record.step != Record::Step::store && record.step != Record::Step::dead_letter) return;
  const auto given = observe::parse_traceparent(header(record.message.get(), "traceparent"));
  if (given && !given->sampled) return;  // its producer has decided so
  const auto self = given ? std::optional(spans.child_of(given->context)) : spans.root(ratio);
  if (!self) return;
  record.span = {.self = *self, .parent = given ? given->context.span : 0, .begin = trace::now()};
  record.activity.traceparent = observe::traceparent_text(*self);
}

void end_span(const Record& record, trace::SpanWriter& spans, const char* error) {
  if (!record.span.self) return;
  spans.add({.self = record.span.self,
             .parent = record.span.parent,
             .begin = record.span.begin,
             .end = trace::now(),
             .details = trace::Process{record.message->partition, record.offset, record.message->len},
             .error = error});
}

}  // namespace nx::ingest
