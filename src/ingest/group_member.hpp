#pragma once
// Our membership in the consumer group: joining, polling, pausing, storing offsets, leaving. Used by one thread, except
// connected() and failure().

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "ingest/commits.hpp"
#include "ingest/kafka_options.hpp"
#include "ingest/lag.hpp"
#include "kafka/boot_check.hpp"
#include "kafka/handle.hpp"
#include "kafka/log.hpp"
#include "observe/log.hpp"
#include "runtime/backoff.hpp"

namespace nx::ingest {

class GroupMember {
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
    /// A record was skipped because librdkafka can not decompress it.
    std::function<void()> on_unreadable;
  };

  /// Checks brokers and topics, then subscribes. The error says what is wrong and which setting to change.
  static Result<std::unique_ptr<GroupMember>> join(const KafkaOptions& options, Listener listener,
                                                   const observe::Logger& log);
  ~GroupMember();  // without leave(): the connection is dropped, and the group notices by the session time-out
  GroupMember(const GroupMember&) = delete;
  GroupMember& operator=(const GroupMember&) = delete;

  /// The next message, or null after the time-out. Serves rebalances and errors. Polls one message at a time: a batch
  /// call of librdkafka < 2.1 can lose messages around a pause.
  kafka::MessageHandle poll(std::chrono::milliseconds wait);

  /// Ends the current poll(), or the next one if none is waiting. Any thread, until leave().
  void wake() { rd_kafka_queue_yield(queue_.get()); }

  /// The partition is not fetched until resume(), or until a rebalance assigns it anew.
  void pause(std::int32_t partition);
  void resume(std::int32_t partition);

  /// All records before `next` are done and may be committed: by timer, on revoke and on leave(). A partition that is
  /// no longer ours, or whose topic was made again meanwhile, is ignored.
  void store_offset(std::int32_t partition, std::int64_t next);

  /// Commits the stored offsets and leaves the group, within the time.
  void leave(std::chrono::milliseconds within);

  /// Whether it is connected to a broker, and in the group or not yet overdue to join it. Any thread.
  bool connected() const {
    return connected_.load(std::memory_order_relaxed) && !outside_.load(std::memory_order_relaxed);
  }
  std::optional<std::string> failure() const;  // any thread
  const Lag& lag() const { return lag_; }      // its sums: any thread

 private:
  /// The callbacks of librdkafka. All except the log callback are called within poll() and leave().
  struct Calls {
    Calls(GroupMember& member_, const observe::Logger& log_) : member(member_), log(log_) {}
    GroupMember& member;
    kafka::Log log;
  };

  GroupMember(const KafkaOptions& options, Listener listener, const observe::Logger& log);

  Result<void> open();
  Result<void> subscribe();
  void resume_ours(const rd_kafka_topic_partition_list_t& partitions);
  void rebalance(rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions);
  void on_error(rd_kafka_resp_err_t code, const std::string& reason);
  static bool is_unreadable(rd_kafka_resp_err_t code);
  void pass_over(const rd_kafka_message_t& message, const std::string& reason);
  void expect_to_join();
  void look_whether_joined();
  void probe_connection();
  void expect_partitions();
  void join_again_when_left_out();
  bool may_use_group();
  void measure_lag();
  void commit_in_time();
  void on_committed(rd_kafka_resp_err_t error, const rd_kafka_topic_partition_list_t& offsets);
  void note_vanished();
  void begin_again();
  void void_offsets(const std::set<std::int32_t>& partitions);
  void check(const char* call, rd_kafka_resp_err_t error);
  void give_up(const rd_kafka_topic_partition_list_t* partitions);
  void fail_for_good(std::string reason);

  KafkaOptions options_;
  Listener listener_;
  const observe::Logger& log_;
  std::shared_ptr<Calls> calls_;  // shared with librdkafka, see the destructor
  kafka::LastError last_error_;
  bool booted_ = false;
  bool ever_assigned_ = false;
  std::set<std::int32_t> paused_partitions_;  // librdkafka keeps a partition paused across its revocation
  bool leaving_ = false;
  bool suspect_ = false;          // a broker failed or did not answer since the last time all was well
  bool group_forbidden_ = false;  // its metadata may still be read, so probes do not notice
  bool topic_gone_ = false;       // the brokers did not know it in their last answer
  std::chrono::steady_clock::time_point next_probe_{}, next_measure_{}, next_commit_{}, next_check_{};
  Lag lag_;
  Commits commits_;
  /// The offset at which a partition can not be read.
  struct Unreadable {
    std::int64_t at = -1;
    int tries = 0;
    std::chrono::steady_clock::time_point sought{};
  };
  std::map<std::int32_t, Unreadable> unreadable_;
  std::set<std::int32_t> remade_;  // partitions of a topic that was made again, not read from its start yet
  // How often we may still join again; set when the topic was gone or made again, until we have partitions of it.
  int joins_left_ = 0;
  runtime::Backoff join_backoff_{kJoinAgainAfter, kJoinAgainAtMost};
  std::chrono::steady_clock::time_point next_join_{};
  std::optional<std::chrono::steady_clock::time_point> join_by_;  // nullopt: the group has assigned our partitions
  std::atomic<bool> connected_{false};
  std::atomic<bool> outside_{false};  // not in the group for too long
  observe::LogGate error_gate_, commit_gate_;
  mutable std::mutex failure_mutex_;  // guards failure_
  std::optional<std::string> failure_;
  static constexpr std::chrono::milliseconds kAskWithin{500};  // limit for one request to the brokers
  static constexpr std::chrono::seconds kJoinAgainAfter{10}, kJoinAgainAtMost{60};
  static constexpr int kJoinsAgain = 5;

  kafka::ClientHandle client_;             // its callbacks use all of the above
  kafka::Handle<rd_kafka_queue_t> queue_;  // the client's queue that poll() reads
};

}  // namespace nx::ingest
