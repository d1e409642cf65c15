#pragma once
// What KafkaConsumer is inside: the thread that reads, stores and commits (consumer_loop.cpp, consumer_settle.cpp), and
// the counters that others read. Private to the consumer.

#include <atomic>
#include <chrono>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "ingest/dead_letters.hpp"
#include "ingest/group_member.hpp"
#include "ingest/kafka_consumer.hpp"
#include "ingest/record.hpp"
#include "observe/counter.hpp"
#include "runtime/backoff.hpp"

namespace nx::ingest {

inline constexpr std::size_t kBatchRecords = 256;  // docs/architecture.md#bounds

struct KafkaConsumer::State {
  State(KafkaOptions given, delivery::Notify& notify_, const observe::Logger& log_)
      : options(std::move(given)), notify(notify_), log(log_) {}

  // The consumer's thread.
  void run();
  void consume();
  void gather();
  void take(MessageHandle message);
  enum class Settled { all, a_part, held_back };
  Settled settle();
  Settled store();
  bool bury();
  void breathe();
  void hold();
  void pause();
  void release();
  void poll_for(std::chrono::milliseconds time);
  void forget(const rd_kafka_topic_partition_list_t& partitions);
  void orphan(const std::set<std::int32_t>& partitions);
  void note_held(const Record& record);
  void note_time(const Record& record);
  void note_all_held();
  void note_stored(std::span<Record* const> given);

  KafkaOptions options;
  delivery::Notify& notify;
  const observe::Logger& log;

  std::unique_ptr<GroupMember> member;
  std::optional<DeadLetters> dead_letters;
  std::vector<Record> held;  // in the order they came; offsets are stored when all are done
  std::size_t held_bytes = 0;
  runtime::Backoff backoff{std::chrono::milliseconds{100}, std::chrono::milliseconds{5'000}};

  std::thread thread;
  bool paused = false;
  std::atomic<bool> stopping{false}, running{false}, holding{false};
  std::string broken;                  // why consuming has ended; written before `is_broken`, never after
  std::atomic<bool> is_broken{false};  // by an exception
  observe::LogGate hold_gate, expired_gate, odd_gate;
  std::atomic<std::int64_t> oldest_held_ms{0};  // epoch; 0: nothing is held
  observe::Counter records, poison, empty, expired, odd_timestamps, batches, retries, dlq, dlq_lost, extra_dropped,
      replaced_surrogates;
  observe::Histogram record_to_commit;
};

}  // namespace nx::ingest
