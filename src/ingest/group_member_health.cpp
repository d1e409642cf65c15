// The part of GroupMember that decides whether it can consume: the meaning of errors, and probes for faults that
// librdkafka does not report.

#include "ingest/group_member.hpp"

namespace nx::ingest {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kProbeEvery{1'000};
constexpr milliseconds kProbeWait{200};
constexpr std::chrono::seconds kSayEvery{60};

}  // namespace

void GroupMember::on_error(rd_kafka_resp_err_t code, const std::string& reason) {
  last_error_.note(code, reason);
  if (!booted_) return;
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
      topic_gone_ = true;
      expect_partitions();
      if (connected_.exchange(false, std::memory_order_relaxed)) {
        log_.error("kafka topic is gone", {{"topic", options_.topic}, {"reason", reason}});
      }
      break;
    case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
      return fail_for_good("Kafka group '" + options_.group_id + "' speaks another protocol than '" +
                           options_.assignor + "'; change SIGNAL_KAFKA_ASSIGNOR or SIGNAL_KAFKA_GROUP_ID");
    case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
      return fail_for_good("Kafka refuses a session time-out of " + std::to_string(options_.session_timeout.count()) +
                           " ms; change SIGNAL_KAFKA_SESSION_TIMEOUT_MS");
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
      if (ever_assigned_) {
        group_forbidden_ = true;
        connected_.store(false, std::memory_order_relaxed);
        break;
      }
      return fail_for_good("Kafka group '" + options_.group_id +
                           "' is forbidden to this user; grant it, or check SIGNAL_KAFKA_GROUP_ID");
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR__FATAL:
      return fail_for_good("Kafka: " + reason + "; is SIGNAL_KAFKA_INSTANCE_ID used by another instance?");
    default:
      break;
  }
  std::int64_t suppressed = 0;
  if (error_gate_.pass(suppressed)) {
    log_.warn("kafka error", {{"code", rd_kafka_err2name(code)}, {"reason", reason}, {"suppressed", suppressed}});
  }
}

void GroupMember::expect_to_join() {
  join_by_ = Clock::now() + 2 * options_.session_timeout;
}

/// librdkafka reports no error when the group can not be joined: it keeps trying, and nothing is consumed.
void GroupMember::look_whether_joined() {
  const auto now = Clock::now();
  if (!join_by_ || now < *join_by_) return;
  join_by_ = now + kSayEvery;
  outside_.store(true, std::memory_order_relaxed);
  log_.error("kafka group not joined: nothing is consumed here",
             {{"group", options_.group_id},
              {"within_ms", 2 * options_.session_timeout.count()},
              {"check", "the brokers' __consumer_offsets, a member that does not answer, SIGNAL_KAFKA_INSTANCE_ID"}});
}

bool GroupMember::may_use_group() {
  const kafka::PartitionList any{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(any.get(), options_.topic.c_str(), 0);
  const auto error = rd_kafka_committed(client_.get(), any.get(), static_cast<int>(kProbeWait.count()));
  return error == RD_KAFKA_RESP_ERR_NO_ERROR && any->elems[0].err == RD_KAFKA_RESP_ERR_NO_ERROR;
}

void GroupMember::probe_connection() {
  if ((connected() && !suspect_) || Clock::now() < next_probe_) return;
  if (group_forbidden_ && !may_use_group()) {
    next_probe_ = Clock::now() + kProbeEvery;
    return;
  }
  group_forbidden_ = false;
  const kafka::Handle<rd_kafka_topic_t> topic{rd_kafka_topic_new(client_.get(), options_.topic.c_str(), nullptr)};
  const rd_kafka_metadata_t* answer = nullptr;
  const auto error = rd_kafka_metadata(client_.get(), 0, topic.get(), &answer, static_cast<int>(kProbeWait.count()));
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

/// The topic was gone or was made again: the group has to assign its partitions anew.
void GroupMember::expect_partitions() {
  joins_left_ = kJoinsAgain;
  join_backoff_.reset();
  next_join_ = Clock::now() + kJoinAgainAfter;
}

/// librdkafka 2.0 can miss that a topic is back: if its metadata arrives while the leader assigns the partitions of the
/// old topic, every member gets none, and no later change makes it join again. The group then never consumes again. To
/// join again costs the group one rebalance; a member that rightly has no partition does it five times.
void GroupMember::join_again_when_left_out() {
  if (joins_left_ == 0 || Clock::now() < next_join_) return;
  if (lag_.partitions() > 0) {
    joins_left_ = 0;
    return;
  }
  if (!connected() || topic_gone_) return;  // there is nothing to be assigned yet
  --joins_left_;
  next_join_ = Clock::now() + join_backoff_.next();
  log_.warn(
      "kafka group joined again",
      {{"topic", options_.topic}, {"reason", "no partition since the topic was gone"}, {"tries_left", joins_left_}});
  rd_kafka_unsubscribe(client_.get());
  subscribe();
}

}  // namespace nx::ingest
