#pragma once
// Whether a member of the consumer group can consume: the meaning of librdkafka's errors, and probes for faults that it
// does not report. Used by the consumer's thread, except connected() and failure().

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "ingest/kafka_options.hpp"
#include "ingest/rejoin.hpp"
#include "kafka/handle.hpp"
#include "observe/log.hpp"

namespace nx::ingest {

class GroupHealth {
 public:
  /// The boot check has passed. All references are borrowed.
  GroupHealth(rd_kafka_t* client, const KafkaOptions& options, Rejoin& rejoin, const observe::Logger& log)
      : client_(client), options_(options), rejoin_(rejoin), log_(log) {}

  void on_error(rd_kafka_resp_err_t code, const std::string& reason);
  /// A broker failed or did not answer: probe() looks.
  void suspect() { suspect_ = true; }
  /// A record arrived.
  void on_record();
  /// The brokers accepted a commit of ours.
  void on_committed() { topic_gone_ = group_forbidden_ = false; }

  /// expect_to_join(): the group has to assign our partitions from now on. on_assigned(): it has done so.
  void expect_to_join();
  void on_assigned();
  bool joining() const { return join_by_.has_value(); }
  void look_whether_joined();

  /// Asks the brokers when something is wrong, once a second.
  void probe();

  bool topic_gone() const { return topic_gone_; }  // the brokers did not know it in their last answer

  /// Whether it is connected to a broker, and in the group or not yet overdue to join it. Any thread.
  bool connected() const {
    return connected_.load(std::memory_order_relaxed) && !outside_.load(std::memory_order_relaxed);
  }
  /// Why it can never consume again. Any thread.
  std::optional<std::string> failure() const;

 private:
  void fail_for_good(std::string reason);
  void note_topic_gone(const std::string& reason);
  bool may_use_group();

  rd_kafka_t* client_;
  const KafkaOptions& options_;
  Rejoin& rejoin_;
  const observe::Logger& log_;
  bool ever_assigned_ = false;
  bool suspect_ = false;          // a broker failed or did not answer since the last time all was well
  bool group_forbidden_ = false;  // its metadata may still be read, so probes do not notice
  bool topic_gone_ = false;
  std::chrono::steady_clock::time_point next_probe_{};
  std::optional<std::chrono::steady_clock::time_point> join_by_;  // nullopt: the group has assigned our partitions
  std::atomic<bool> connected_{true};
  std::atomic<bool> outside_{false};  // not in the group for too long
  observe::LogGate error_gate_;
  mutable std::mutex failure_mutex_;  // guards failure_
  std::optional<std::string> failure_;
};

}  // namespace nx::ingest
