#include <fstream>
#include <iostream>
#include <iterator>

#include <fmt/core.h>

#include "app/commands.hpp"
#include "app/printable.hpp"
#include "app/replay_choice.hpp"
#include "app/stoppable_work.hpp"
#include "kafka/producer.hpp"
#include "replay/range_replay.hpp"

namespace nx::app {
namespace {

using replay::Fate;
using replay::RangeReplay;

int failed(const std::string& message, int exit_code) {
  std::cerr << "nx-signal replay: " << printable(message) << "\n";
  return exit_code;
}

/// `-` is stdin.
Result<std::string> read_value(const std::string& path) {
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    if (!file) return fail(ErrorKind::invalid, fmt::format("--value {}: the file cannot be read", path));
  }
  std::istream& in = path == "-" ? std::cin : file;
  std::string value{std::istreambuf_iterator<char>(in), {}};
  if (in.bad()) return fail(ErrorKind::invalid, fmt::format("--value {}: reading it failed", path));
  return value;
}

std::string text_of(const kafka::Position& at) {
  return fmt::format("{}:{}", at.partition, at.offset);
}

void print(const Fate& fate) {
  switch (fate.outcome) {
    case Fate::Outcome::sent:
      std::cout << "sent " << text_of(fate.at) << " as " << text_of(*fate.sent_as) << "\n";
      return;
    case Fate::Outcome::would_be_sent:
      std::cout << "would send " << text_of(fate.at) << ", the message " << fate.source << "\n";
      return;
    case Fate::Outcome::refused:
      std::cout << "refused " << text_of(fate.at) << ": " << printable(fate.reason) << "\n";
      return;
    case Fate::Outcome::copy:
      std::cout << "left out " << text_of(fate.at) << ": an earlier replay sent it\n";
  }
}

void print(const RangeReplay::Totals& totals, const ReplayFlags& flags, bool stopped) {
  std::cout << totals.sent << (flags.dry_run ? " would be sent, " : " sent, ") << totals.refused << " refused";
  if (totals.copies > 0) std::cout << ", " << totals.copies << " left out that an earlier replay sent";
  std::cout << (stopped ? " so far" : "") << std::endl;
}

int replay_all(replay::RangeReplayPlan plan, kafka::RecordReader& reader, kafka::Producer* producer,
               const ReplayFlags& flags, StoppableWork& work) {
  const store::LongWork slices = work.slices();
  plan.on_slice = [&slices](const replay::Step& step) {
    return slices.goes_on({.done = step.records, .share = step.share});
  };
  // A line for each of very many records would hide those that need attention.
  const bool of_each = flags.dry_run || flags.offset;
  plan.on_record = [of_each](const Fate& fate) {
    if (of_each || fate.outcome == Fate::Outcome::refused) print(fate);
  };
  RangeReplay run(std::move(plan), reader, producer);
  const auto done = run.run();
  print(run.totals(), flags, !done || run.stopped());
  const auto rest = run.rest();
  const std::string continuation =
      rest && !flags.offset ? fmt::format("; continue with `nx-signal replay {}`", continuation_flags(flags, *rest))
                            : "";
  if (!done) return failed(done.error().message + continuation, 1);
  if (run.stopped()) return failed("stopped before the end" + continuation, kStopped);
  return run.totals().refused == 0 ? 0 : 1;
}

Result<int> replay_chosen(const ingest::KafkaOptions& kafka, const ReplayFlags& flags, const ReplayChoice& choice,
                          replay::RangeReplayPlan plan) {
  StoppableWork work("replay", "records");  // before the first thread of librdkafka
  const bool letters = choice.from == replay::From::dlq;
  const kafka::NamedTopic notifications{kafka.topic, "SIGNAL_KAFKA_TOPIC"};
  const kafka::NamedTopic dlq{kafka.dlq_topic, "SIGNAL_KAFKA_DLQ_TOPIC"};
  auto reader = kafka::RecordReader::open(kafka.connection(), letters ? dlq : notifications, kafka.boot_timeout);
  if (!reader) return error_of(reader);
  plan.to = {kafka.topic, reader->partitions()};
  if (letters) {
    const auto destination = kafka::RecordReader::open(kafka.connection(), notifications, kafka.boot_timeout);
    if (!destination) return error_of(destination);
    plan.to.partitions = destination->partitions();
  }
  auto ranges = chosen_ranges(choice, *reader);
  if (!ranges) return error_of(ranges);
  plan.ranges = *std::move(ranges);
  if (flags.dry_run) return replay_all(std::move(plan), *reader, nullptr, flags, work);
  auto producer = kafka::Producer::make({{kafka.connection()}, kafka.topic, kafka.boot_timeout});
  if (!producer) return error_of(producer);
  return replay_all(std::move(plan), *reader, &*producer, flags, work);
}

}  // namespace

int run_replay(const config::Configuration& configuration, const ReplayFlags& flags) {
  const ingest::KafkaOptions& kafka = configuration.kafka;
  const auto choice = read_choice(flags);
  if (!choice) return failed(choice.error().message, 2);
  if (choice->from == replay::From::dlq && kafka.dlq_topic.empty()) {
    return failed("--from dlq needs SIGNAL_KAFKA_DLQ_TOPIC", 2);
  }
  replay::RangeReplayPlan plan;
  plan.from = choice->from;
  plan.times = choice->times;
  plan.continue_at = choice->continue_at;
  plan.with_copies = choice->offsets && choice->offsets->last == choice->offsets->first;
  if (!flags.value.empty()) {
    auto value = read_value(flags.value);
    if (!value) return failed(value.error().message, 2);
    plan.value = *std::move(value);
  }
  const auto code = replay_chosen(kafka, flags, *choice, std::move(plan));
  return code ? *code : failed(code.error().message, 1);
}

}  // namespace nx::app
