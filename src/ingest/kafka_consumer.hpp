#pragma once
// The consumer of signal.activity-notification: single polls, batches of ≤ 256 of a partition, offsets stored after the
// commit and committed by timer, on revoke and on close (docs/architecture.md#ingest-offsets-rebalances-faults). Owns
// the thread that polls, the workers that store, and one that sends dead letters; librdkafka keeps its own.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "delivery/notify.hpp"
#include "ingest/kafka_options.hpp"
#include "model/result.hpp"
#include "observe/histogram.hpp"
#include "observe/log.hpp"

namespace nx::ingest {

class KafkaConsumer {
 public:
  /// One worker for each of `workers`, which are borrowed: each is used on its worker's thread, from start() to the end
  /// of stop().
  KafkaConsumer(KafkaOptions options, std::vector<delivery::Notify*> workers, const observe::Logger& log);
  ~KafkaConsumer();  // stop()
  KafkaConsumer(const KafkaConsumer&) = delete;
  KafkaConsumer& operator=(const KafkaConsumer&) = delete;

  /// Checks brokers and topics within the boot time-out; the error says what is wrong and which setting to change. Then
  /// polls on its thread.
  Result<void> start();

  /// Ends polling, finishes the batches that are being stored, commits what was stored, leaves the group. Bounded by 10
  /// s.
  void stop();

  /// Connected, and holding no partition back for the database or the DLQ. Any thread.
  bool ready() const;

  bool connected() const;  // to a broker, as far as is known; any thread
  bool holding() const;    // a batch waits for the database or the DLQ, its partition is paused; any thread

  /// Why consuming has ended for good though nobody called stop(), with the setting to change: a group with another
  /// protocol, a fenced instance id, an exception. The program should end with it. Any thread.
  std::optional<std::string> failure() const;

  struct Stats {
    std::uint64_t records = 0, poison = 0, empty = 0, batches = 0, retries = 0, dlq = 0, dlq_lost = 0,
                  extra_dropped = 0;
    std::uint64_t replaced_surrogates = 0;  // halves of characters that became U+FFFD
    std::uint64_t expired = 0;              // records older than the retention
    std::uint64_t odd_timestamps = 0;       // records whose timestamp is not in milliseconds
    std::int64_t assigned_partitions = 0;
    std::int64_t held_partitions = 0;              // their batches wait for the database or the DLQ
    std::int64_t waiting_messages = 0;             // set aside, because somebody has an inbox locked
    std::uint64_t lock_waits = 0;                  // how often a message was set aside
    std::int64_t lag_messages = 0;                 // behind our partitions' ends, at most a few seconds old
    std::chrono::milliseconds oldest_unstored{0};  // age of the oldest record in hand; 0: none waits
    observe::HistogramSnapshot record_to_commit;   // of stored messages, from the Kafka timestamp
  };
  Stats stats() const;  // any thread

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nx::ingest
