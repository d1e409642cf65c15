#include "replay/letter_replay.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "kafka/producer.hpp"
#include "kafka/record_reader.hpp"
#include "replay/repetition.hpp"

namespace nx::replay {
namespace {

/// A wrong setting of the connection is not the fault of the letter.
tl::unexpected<Error> unavailable(const Error& error) {
  return fail(ErrorKind::unavailable, error.message);
}

Result<kafka::StoredRecord> read_letter(const Topics& topics, const kafka::Position& at,
                                        const kafka::Deadline& deadline) {
  auto reader = kafka::RecordReader::open(topics.connection, {topics.dlq_topic, "SIGNAL_KAFKA_DLQ_TOPIC"},
                                          topics.patience, deadline);
  if (!reader) return unavailable(reader.error());
  const auto bounds = reader->bounds();
  if (!bounds) return error_of(bounds);
  const auto range = std::ranges::find(*bounds, at.partition, &kafka::OffsetRange::partition);
  std::optional<kafka::StoredRecord> letter;
  if (range != bounds->end() && range->first <= at.offset && at.offset < range->end) {
    const auto read = reader->read({.partition = at.partition, .first = at.offset, .end = at.offset + 1},
                                   [&letter](kafka::StoredRecord&& record) {
                                     letter = std::move(record);
                                     return true;
                                   });
    if (!read) return error_of(read);
  }
  if (letter) return *std::move(letter);
  return fail(ErrorKind::not_found, fmt::format("Kafka topic '{}', partition {}, has no record at offset {}",
                                                topics.dlq_topic, at.partition, at.offset));
}

}  // namespace

Result<LetterSent> replay_letter(const Topics& topics, const kafka::Position& at,
                                 const std::optional<std::string>& value, const kafka::Deadline& deadline) {
  if (value) {
    if (auto good = check_value(*value); !good) return error_of(good);
  }
  auto letter = read_letter(topics, at, deadline);
  if (!letter) return error_of(letter);
  const auto destination =
      kafka::RecordReader::open(topics.connection, {topics.topic, "SIGNAL_KAFKA_TOPIC"}, topics.patience, deadline);
  if (!destination) return unavailable(destination.error());
  const Repetition made =
      repetition(*letter, topics.dlq_topic, From::dlq, {topics.topic, destination->partitions()}, value);
  if (auto good = check_value(made.record.value); !good) return error_of(good);
  const auto left = deadline.left(topics.patience);
  if (left == left.zero()) return fail(ErrorKind::unavailable, "the request ended before the letter was sent");
  auto producer = kafka::Producer::make({{topics.connection}, topics.topic, left});
  if (!producer) return unavailable(producer.error());
  auto sent = producer->send(std::span(&made.record, 1));
  if (sent.error) return tl::unexpected(std::move(*sent.error));
  return LetterSent{sent.at.front(), made.source};
}

}  // namespace nx::replay
