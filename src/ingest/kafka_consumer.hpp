#pragma once
// The consumer of signal.activity-notification: single polls, batches of ≤ 256 records of a partition, offsets stored
// after the database commit and committed by timer, on revoke and on close
// (docs/architecture.md#ingest-offsets-rebalances-faults). Owns the poller's thread, the workers that store, and one
// worker that sends dead letters; librdkafka has its own threads.

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
#include "observe/exemplar.hpp"
#include "observe/histogram.hpp"
#include "observe/log.hpp"

namespace nx::ingest {

class KafkaConsumer {
 public:
  /// There is one worker thread for each Notify in `workers`. The Notify objects are borrowed: each is used on its
  /// worker's thread, from start() to the end of stop().
  KafkaConsumer(KafkaOptions options, std::vector<delivery::Notify*> workers, const observe::Logger& log);
  ~KafkaConsumer();  // calls stop()
  KafkaConsumer(const KafkaConsumer&) = delete;
  KafkaConsumer& operator=(const KafkaConsumer&) = delete;

  /// Checks brokers and topics within the boot time-out; the error says what is wrong and which setting to change. Then
  /// starts to poll on its own thread.
  Result<void> start();

  /// Ends polling, finishes the batches that are being stored, commits their offsets and leaves the group. Takes at
  /// most 10 s.
  void stop();

  /// Connected, and no partition is held back for the database or the DLQ. Any thread.
  bool ready() const;

  bool connected() const;  // to a broker, according to the last report; any thread
  bool holding() const;    // a batch waits for the database or the DLQ, and its partition is paused; any thread

  /// The reason why consuming has ended permanently without stop(), with the setting to change: a group with another
  /// protocol, a fenced instance id, an exception. The program should end then. Any thread.
  std::optional<std::string> failure() const;

  struct Stats {
    std::uint64_t records = 0, poison = 0, empty = 0, batches = 0, retries = 0, dlq = 0, dlq_lost = 0,
                  extra_dropped = 0;
    std::uint64_t replaced_surrogates = 0;  // unpaired surrogates that became U+FFFD
    std::uint64_t expired = 0;              // records older than the retention
    std::uint64_t odd_timestamps = 0;       // records whose timestamp is not in milliseconds
    std::int64_t assigned_partitions = 0;
    std::int64_t held_partitions = 0;              // partitions whose batches wait for the database or the DLQ
    std::int64_t waiting_messages = 0;             // set aside, because another transaction has locked an inbox
    std::uint64_t lock_waits = 0;                  // number of times that a message was set aside
    std::int64_t lag_messages = 0;                 // behind our partitions' ends, at most a few seconds old
    std::chrono::milliseconds oldest_unstored{0};  // age of the oldest record in hand that is not stored; 0: none
    observe::HistogramSnapshot record_to_commit;   // for stored messages, from the Kafka timestamp on
    observe::Exemplars commit_exemplars;           // for record_to_commit: messages whose record has a sampled trace
  };
  Stats stats() const;  // any thread

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nx::ingest
