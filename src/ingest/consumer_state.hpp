#pragma once
// The parts of KafkaConsumer: the poller, which reads, gives out batches and commits (consumer_loop.cpp,
// consumer_settle.cpp), its workers, and the counters that other threads read. Private to the consumer.

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "ingest/dead_letters.hpp"
#include "ingest/group_member.hpp"
#include "ingest/kafka_consumer.hpp"
#include "ingest/lane.hpp"
#include "ingest/workers.hpp"
#include "observe/counter.hpp"

namespace nx::ingest {

struct KafkaConsumer::State {
  using Clock = std::chrono::steady_clock;

  State(KafkaOptions given, std::vector<delivery::Notify*> of_workers, const observe::Logger& log_)
      : options(std::move(given)), notifies(std::move(of_workers)), log(log_) {}

  Result<void> open();
  void start_workers();

  // On the workers' threads.
  void store(std::size_t worker, Load& load);
  void send_letters(Batch& batch);

  // On the poller's thread.
  void run();
  void consume();
  void turn();
  void finish_up();
  std::chrono::milliseconds until_due();
  void receive(kafka::MessageHandle message);
  void take(kafka::MessageHandle message);
  void decode(Lane& lane);
  void decode_ahead();
  void hand_out();
  Load next_load();
  std::unique_ptr<Batch> next_batch(Lane& lane, Clock::time_point now);
  Lane* next_lane(Clock::time_point now);
  void note_time(const Record& record);
  void note_state();
  void pause_or_resume(Lane& lane);

  void settle_done(Clock::time_point until = {});
  void settle(std::unique_ptr<Batch> batch);
  void settle_stored(Lane& lane, Batch& batch);
  void set_aside(Lane& lane, Batch& batch, std::size_t index, const delivery::Waiting& waiting);
  void settle_letters(Batch& batch);
  void conclude(Lane& lane, std::unique_ptr<Batch> batch);
  void leave_out_done(Lane& lane, Batch& batch);
  void hold(Lane& lane);
  void go_on(Lane& lane);
  void note_success();
  void note_stored(const Batch& batch, std::size_t handled);

  // Called by the group member within its polls.
  Lane& lane_of(std::int32_t partition);
  Lane* lane_with(std::uint64_t id);
  void revoking(const rd_kafka_topic_partition_list_t& partitions);
  void revoked(const rd_kafka_topic_partition_list_t& partitions);
  void orphan(const std::set<std::int32_t>& partitions);
  void read_up_to(std::int32_t partition, std::int64_t end);

  KafkaOptions options;
  const std::vector<delivery::Notify*> notifies;  // one for each worker
  const observe::Logger& log;

  std::unique_ptr<GroupMember> member;  // outlives all messages
  std::optional<DeadLetters> dead_letters;
  std::map<std::int32_t, std::unique_ptr<Lane>> lanes;  // by partition
  std::vector<std::unique_ptr<Lane>> orphans;           // lanes of a topic that was made again
  std::set<std::int32_t> at_work;                       // partitions whose batch is with a worker
  std::string worker_fault;                             // the exception that ended a worker's call
  std::size_t storing = 0;                              // loads that workers have
  std::uint64_t next_lane_id = 1, next_turn = 1;
  Clock::time_point last_success = Clock::now();  // the last time a batch was stored
  bool failed_since = false;                      // since then the database held a batch back

  DoneLoads done{[this] { member->wake(); }};
  std::unique_ptr<Workers> workers, letter_worker;  // letter_worker sends dead letters
  std::thread thread;
  std::atomic<bool> stopping{false}, running{false};
  std::string broken;                  // the reason why consuming has ended; written before `is_broken`, never after
  std::atomic<bool> is_broken{false};  // consuming has ended with an exception
  observe::LogGate hold_gate, expired_gate, odd_gate, waiting_gate;
  std::atomic<std::int64_t> oldest_held_ms{0};  // Unix time; 0: nothing is held
  std::atomic<std::int64_t> held_partitions{0}, waiting_messages{0};
  observe::Counter records, poison, empty, expired, odd_timestamps, batches, retries, dlq, dlq_lost, extra_dropped,
      replaced_surrogates, lock_waits;
  observe::Histogram record_to_commit;
};

}  // namespace nx::ingest
