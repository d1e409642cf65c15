#pragma once
// The poller: the thread that owns the group member. It reads records into their lanes, has them decoded, stored and
// settled, pauses partitions, and serves rebalances. Used only by its thread, except member().

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "ingest/consumer_counters.hpp"
#include "ingest/dead_letters.hpp"
#include "ingest/dispatch.hpp"
#include "ingest/group_member.hpp"
#include "ingest/kafka_options.hpp"
#include "ingest/lane_decoder.hpp"
#include "ingest/lanes.hpp"
#include "ingest/settlement.hpp"
#include "ingest/workers.hpp"
#include "observe/log.hpp"

namespace nx::ingest {

class Poller {
 public:
  /// Joins the group and opens the DLQ topic, then starts the workers. The error says what is wrong and which setting
  /// to change. All references are borrowed; `stopping` ends run().
  static Result<std::unique_ptr<Poller>> open(const KafkaOptions& options,
                                              const std::vector<delivery::Notify*>& notifies,
                                              const std::atomic<bool>& stopping, ConsumerCounters& counters,
                                              const observe::Logger& log);
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  /// Consumes until `stopping` or until the member has failed permanently, then leaves the group. Throws the
  /// exception that ended a worker's call.
  void run();

  /// Its functions for any thread may be called while the poller exists.
  const GroupMember& member() const { return *member_; }

 private:
  using Clock = std::chrono::steady_clock;

  Poller(const KafkaOptions& options, const std::vector<delivery::Notify*>& notifies,
         std::unique_ptr<GroupMember> member, std::optional<DeadLetters> letters, const std::atomic<bool>& stopping,
         ConsumerCounters& counters, const observe::Logger& log);

  void turn();
  void finish_up();
  std::chrono::milliseconds until_due();
  void receive(kafka::MessageHandle message);
  void take(kafka::MessageHandle message);
  void settle_done(Clock::time_point until = {});
  void note_state();
  void pause_or_resume(Lane& lane);

  // Called by the group member within its polls.
  void revoking(const rd_kafka_topic_partition_list_t& partitions);
  void revoked(const rd_kafka_topic_partition_list_t& partitions);
  void read_up_to(std::int32_t partition, std::int64_t end);
  void note_unreadable();

  const KafkaOptions& options_;
  const std::atomic<bool>& stopping_;
  ConsumerCounters& counters_;
  const observe::Logger& log_;

  std::unique_ptr<GroupMember> member_;  // outlives all messages
  Lanes lanes_;
  DoneLoads done_{[this] { member_->wake(); }};
  LaneDecoder decoder_;
  Settlement settlement_;
  Dispatch dispatch_;
};

}  // namespace nx::ingest
