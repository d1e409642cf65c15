#pragma once
// Our membership in the consumer group: joining, polling, pausing, storing offsets, leaving. Used by one thread, except
// connected() and failure().

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "ingest/group_client.hpp"
#include "ingest/group_health.hpp"
#include "ingest/group_offsets.hpp"
#include "ingest/kafka_options.hpp"
#include "ingest/lag.hpp"
#include "ingest/paused_partitions.hpp"
#include "ingest/rejoin.hpp"
#include "ingest/unreadable_records.hpp"
#include "observe/log.hpp"

namespace nx::ingest {

class GroupMember final : private GroupClient::Listener {
 public:
  /// Called within poll() and leave().
  struct Listener {
    /// These partitions will be given up: the last moment to store their offsets. Not called when the group has already
    /// given them to others.
    std::function<void(const rd_kafka_topic_partition_list_t& partitions)> on_revoking;
    /// These partitions are no longer ours.
    std::function<void(const rd_kafka_topic_partition_list_t& partitions)> on_revoked;
    /// The topic was made again: the records read from these partitions have no position in the new topic.
    std::function<void(const std::set<std::int32_t>& partitions)> on_remade;
    /// All records before `end` were read: the partition currently ends there. `end` is after the last record and any
    /// transaction markers behind it.
    std::function<void(std::int32_t partition, std::int64_t end)> on_end;
    /// A record was skipped because librdkafka cannot decompress it.
    std::function<void()> on_unreadable;
  };

  /// Checks brokers and topics, then subscribes, or takes every partition (KafkaOptions::partitions). The error says
  /// what is wrong and which setting to change.
  static Result<std::unique_ptr<GroupMember>> join(const KafkaOptions& options, const observe::Logger& log);
  ~GroupMember() override;  // without leave(): the connection is dropped, see GroupClient
  GroupMember(const GroupMember&) = delete;
  GroupMember& operator=(const GroupMember&) = delete;

  /// Called once, before the first poll().
  void listen(Listener listener) { listener_ = std::move(listener); }

  /// The next message, or null after the time-out. Serves rebalances and errors. Polls one message at a time: a batch
  /// call of librdkafka < 2.1 can lose messages around a pause.
  kafka::MessageHandle poll(std::chrono::milliseconds wait);

  /// Ends the current poll(), or the next one if none is waiting. Any thread, until leave().
  void wake() { client_->wake(); }

  /// The partition is not fetched until resume(), or until a rebalance assigns it anew.
  void pause(std::int32_t partition) { paused_.pause(partition); }
  void resume(std::int32_t partition) { paused_.resume(partition); }

  /// All records before `next` are done and may be committed: by timer, on revoke and on leave(). A partition that is
  /// no longer ours, or whose topic was made again meanwhile, is ignored.
  void store_offset(std::int32_t partition, std::int64_t next) { offsets_.store(partition, next); }

  /// Commits the stored offsets and leaves the group, within the time.
  void leave(std::chrono::milliseconds within);

  /// Whether it is connected to a broker, and in the group or not yet overdue to join it. Any thread.
  bool connected() const { return health_.connected(); }
  std::optional<std::string> failure() const { return health_.failure(); }  // any thread
  const Lag& lag() const { return lag_; }                                   // its sums: any thread

 private:
  GroupMember(std::unique_ptr<GroupClient> client, const KafkaOptions& options, const observe::Logger& log);

  void on_rebalance(rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions) override;
  void on_committed(rd_kafka_resp_err_t error, const rd_kafka_topic_partition_list_t& offsets) override;
  void on_error(rd_kafka_resp_err_t code, const std::string& reason) override;

  Result<void> subscribe();
  Result<void> take_every_partition();
  void give_up_every_partition();
  void give_up(const rd_kafka_topic_partition_list_t* partitions);
  void check(const char* call, rd_kafka_resp_err_t error);
  void pass_over(const rd_kafka_message_t& message, const std::string& reason);
  void join_again_when_left_out();
  void measure_lag();

  KafkaOptions options_;
  Listener listener_;
  const observe::Logger& log_;
  bool leaving_ = false;
  std::chrono::steady_clock::time_point next_measure_{};
  std::unique_ptr<GroupClient> client_;  // the members below borrow its handle; it ends before all others
  Lag lag_;
  Rejoin rejoin_;
  GroupHealth health_;
  GroupOffsets offsets_;
  UnreadableRecords unreadable_;
  PausedPartitions paused_;
};

}  // namespace nx::ingest
