#include "ingest/group_health.hpp"

#include <fmt/core.h>

namespace nx::ingest {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kProbeEvery{1'000};
constexpr milliseconds kProbeWait{200};
constexpr std::chrono::seconds kSayEvery{60};

}  // namespace

void GroupHealth::on_error(rd_kafka_resp_err_t code, const std::string& reason) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      connected_.store(false, std::memory_order_relaxed);
      break;
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__SSL:
      // This is one broker. librdkafka < 2.11 does not always report that all are down, so probe.
      suspect_ = true;
      break;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      note_topic_gone(reason);
      break;
    case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
      return fail_for_good(fmt::format(
          "Kafka group '{}' speaks another protocol than '{}'; change SIGNAL_KAFKA_ASSIGNOR or SIGNAL_KAFKA_GROUP_ID",
          options_.group_id, options_.assignor));
    case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
      return fail_for_good(
          fmt::format("Kafka refuses a session time-out of {} ms; change SIGNAL_KAFKA_SESSION_TIMEOUT_MS",
                      options_.session_timeout.count()));
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
      if (ever_assigned_) {
        group_forbidden_ = true;
        connected_.store(false, std::memory_order_relaxed);
        break;
      }
      return fail_for_good(fmt::format(
          "Kafka group '{}' is forbidden to this user; grant it, or check SIGNAL_KAFKA_GROUP_ID", options_.group_id));
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR__FATAL:
      return fail_for_good(fmt::format("Kafka: {}; is SIGNAL_KAFKA_INSTANCE_ID used by another instance?", reason));
    default:
      break;
  }
  std::int64_t suppressed = 0;
  if (error_gate_.pass(suppressed)) {
    log_.warn("kafka error", {{"code", rd_kafka_err2name(code)}, {"reason", reason}, {"suppressed", suppressed}});
  }
}

void GroupHealth::note_topic_gone(const std::string& reason) {
  topic_gone_ = true;
  rejoin_.expect_partitions();
  if (connected_.exchange(false, std::memory_order_relaxed)) {
    log_.error("kafka topic is gone", {{"topic", options_.topic}, {"reason", reason}});
  }
}

void GroupHealth::fail_for_good(std::string reason) {
  log_.error("kafka consumer ended", {{"reason", reason}});
  const std::lock_guard lock{failure_mutex_};
  if (!failure_) failure_ = std::move(reason);
}

std::optional<std::string> GroupHealth::failure() const {
  const std::lock_guard lock{failure_mutex_};
  return failure_;
}

void GroupHealth::on_record() {
  if (!group_forbidden_) connected_.store(true, std::memory_order_relaxed);
}

void GroupHealth::on_assigned() {
  ever_assigned_ = true;
  join_by_.reset();
  outside_.store(false, std::memory_order_relaxed);
  group_forbidden_ = false;
}

void GroupHealth::expect_to_join() {
  join_by_ = Clock::now() + 2 * options_.session_timeout;
}

/// librdkafka reports no error when the group cannot be joined: it keeps trying, and nothing is consumed.
void GroupHealth::look_whether_joined() {
  const auto now = Clock::now();
  if (!join_by_ || now < *join_by_) return;
  join_by_ = now + kSayEvery;
  outside_.store(true, std::memory_order_relaxed);
  log_.error("kafka group not joined: nothing is consumed here",
             {{"group", options_.group_id},
              {"within_ms", 2 * options_.session_timeout.count()},
              {"check", "the brokers' __consumer_offsets, a member that does not answer, SIGNAL_KAFKA_INSTANCE_ID"}});
}

bool GroupHealth::may_use_group() {
  const kafka::PartitionList any{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(any.get(), options_.topic.c_str(), 0);
  const auto error = rd_kafka_committed(client_, any.get(), static_cast<int>(kProbeWait.count()));
  return error == RD_KAFKA_RESP_ERR_NO_ERROR && any->elems[0].err == RD_KAFKA_RESP_ERR_NO_ERROR;
}

void GroupHealth::probe() {
  if ((connected() && !suspect_) || Clock::now() < next_probe_) return;
  if (group_forbidden_ && !may_use_group()) {
    next_probe_ = Clock::now() + kProbeEvery;
    return;
  }
  group_forbidden_ = false;
  const kafka::Handle<rd_kafka_topic_t> topic{rd_kafka_topic_new(client_, options_.topic.c_str(), nullptr)};
  const rd_kafka_metadata_t* answer = nullptr;
  const auto error = rd_kafka_metadata(client_, 0, topic.get(), &answer, static_cast<int>(kProbeWait.count()));
  next_probe_ = Clock::now() + kProbeEvery;
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    connected_.store(false, std::memory_order_relaxed);
    return;
  }
  suspect_ = false;
  const kafka::Handle<const rd_kafka_metadata_t> owned{answer};
  if (answer->topic_cnt != 1 || answer->topics[0].partition_cnt == 0) {  // deleted, or forbidden
    connected_.store(false, std::memory_order_relaxed);
    return;
  }
  topic_gone_ = false;
  if (!connected_.exchange(true, std::memory_order_relaxed)) log_.info("kafka connected again");
}

}  // namespace nx::ingest
