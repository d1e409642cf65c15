#pragma once
// librdkafka's client of a group member: its settings, its callbacks, and its end. Used by one thread, except wake().

#include <chrono>
#include <memory>
#include <string>

#include "ingest/kafka_options.hpp"
#include "kafka/boot_check.hpp"
#include "kafka/handle.hpp"
#include "kafka/log.hpp"
#include "observe/log.hpp"

namespace nx::ingest {

class GroupClient {
 public:
  /// Called within rd_kafka_consumer_poll() and close().
  class Listener {
   public:
    virtual ~Listener() = default;
    /// The group assigned partitions, or takes them away.
    virtual void on_rebalance(rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions) = 0;
    /// The brokers' answer to a commit.
    virtual void on_committed(rd_kafka_resp_err_t error, const rd_kafka_topic_partition_list_t& offsets) = 0;
    virtual void on_error(rd_kafka_resp_err_t code, const std::string& reason) = 0;
  };

  /// Connects, and checks brokers and topics. The error says what is wrong and which setting to change.
  static Result<std::unique_ptr<GroupClient>> open(const KafkaOptions& options, const observe::Logger& log);
  ~GroupClient();  // without close(): the connection is dropped, and the group notices by the session time-out
  GroupClient(const GroupClient&) = delete;
  GroupClient& operator=(const GroupClient&) = delete;

  /// `listener` is borrowed. Called once, before the first poll.
  void listen(Listener& listener) { calls_->listener = &listener; }

  rd_kafka_t* get() const { return client_.get(); }

  /// Ends the current poll, or the next one if none is waiting. Any thread, until close().
  void wake() {
    if (queue_) rd_kafka_queue_yield(queue_.get());  // null after close()
  }

  /// Leaves the group until `deadline`; `within` is the time that the caller had for it, for the log.
  void close(std::chrono::steady_clock::time_point deadline, std::chrono::milliseconds within);

 private:
  /// The objects that librdkafka's callbacks use. Only `log` is used on other threads.
  struct Calls {
    explicit Calls(const observe::Logger& log_) : log(log_) {}
    Listener* listener = nullptr;  // null during the boot check
    kafka::LastError last_error;   // of the boot check
    kafka::Log log;
  };

  explicit GroupClient(const observe::Logger& log) : log_(log), calls_(std::make_shared<Calls>(log)) {}

  static Result<void> set_group_settings(rd_kafka_conf_t* conf, const KafkaOptions& options);
  void set_callbacks(rd_kafka_conf_t* conf);

  const observe::Logger& log_;
  std::shared_ptr<Calls> calls_;           // shared with librdkafka, see the destructor
  kafka::ClientHandle client_;             // its callbacks use all of the above
  kafka::Handle<rd_kafka_queue_t> queue_;  // the client's queue that the poll reads
};

}  // namespace nx::ingest
