#include "ingest/group_member.hpp"

#include <future>
#include <thread>

#include <fmt/core.h>

namespace nx::ingest {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kMeasureEvery{1'000};
// The other members wait for a member that leaves during a rebalance.
constexpr milliseconds kJoinBeforeLeaving{1'500};
constexpr milliseconds kUnassignWithin{2'000};
constexpr int kPartitionsWithin = 5'000;  // ms; the brokers answered a moment ago

/// librdkafka may never answer a call that reaches it while it closes the consumer (its issue 4884). So the call has a
/// thread of its own, which is left behind until the process ends if there is no answer.
rd_kafka_resp_err_t unassign_within(rd_kafka_t* client, milliseconds within) {
  std::promise<rd_kafka_resp_err_t> answer;
  std::future<rd_kafka_resp_err_t> answered = answer.get_future();
  std::thread caller{
      [client, answer = std::move(answer)]() mutable { answer.set_value(rd_kafka_assign(client, nullptr)); }};
  if (answered.wait_for(within) == std::future_status::ready) {
    caller.join();
    return answered.get();
  }
  caller.detach();
  return RD_KAFKA_RESP_ERR__TIMED_OUT;
}

}  // namespace

GroupMember::GroupMember(std::unique_ptr<GroupClient> client, const KafkaOptions& options, const observe::Logger& log)
    : options_(options),
      log_(log),
      client_(std::move(client)),
      health_(client_->get(), options_, rejoin_, log),
      offsets_(
          client_->get(), options_, health_, rejoin_, lag_,
          [this](const std::set<std::int32_t>& partitions) { listener_.on_remade(partitions); }, log),
      unreadable_(client_->get(), options_.topic, log),
      paused_(client_->get(), options_.topic) {
  client_->listen(*this);
}

/// The client's calls use the other members.
GroupMember::~GroupMember() {
  client_.reset();
}

Result<std::unique_ptr<GroupMember>> GroupMember::join(const KafkaOptions& options, const observe::Logger& log) {
  auto client = GroupClient::open(options, log);
  if (!client) return error_of(client);
  std::unique_ptr<GroupMember> member{new GroupMember(std::move(*client), options, log)};
  if (auto done = member->subscribe(); !done) return error_of(done);
  return member;
}

Result<void> GroupMember::subscribe() {
  if (options_.partitions == KafkaOptions::Partitions::all) return take_every_partition();
  const kafka::PartitionList topics{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(topics.get(), options_.topic.c_str(), RD_KAFKA_PARTITION_UA);
  if (const auto error = rd_kafka_subscribe(client_->get(), topics.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fail(ErrorKind::unavailable,
                fmt::format("Kafka topic '{}': {}; check SIGNAL_KAFKA_TOPIC and SIGNAL_KAFKA_GROUP_ID", options_.topic,
                            rd_kafka_err2str(error)));
  }
  health_.expect_to_join();
  return {};
}

Result<void> GroupMember::take_every_partition() {
  const kafka::Handle<rd_kafka_topic_t> topic{rd_kafka_topic_new(client_->get(), options_.topic.c_str(), nullptr)};
  const rd_kafka_metadata_t* answer = nullptr;
  const auto error = rd_kafka_metadata(client_->get(), 0, topic.get(), &answer, kPartitionsWithin);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fail(ErrorKind::unavailable, "Kafka topic '" + options_.topic + "': " + rd_kafka_err2str(error));
  }
  const kafka::Handle<const rd_kafka_metadata_t> owned{answer};
  const int count = answer->topic_cnt == 1 ? answer->topics[0].partition_cnt : 0;
  if (count == 0) {
    return fail(ErrorKind::unavailable, fmt::format("Kafka topic '{}' has no partition", options_.topic));
  }
  const kafka::PartitionList partitions{rd_kafka_topic_partition_list_new(count)};
  for (int partition = 0; partition < count; ++partition) {
    rd_kafka_topic_partition_list_add(partitions.get(), options_.topic.c_str(), partition);
  }
  on_rebalance(RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS, partitions.get());
  return {};
}

void GroupMember::give_up_every_partition() {
  rd_kafka_topic_partition_list_t* current = nullptr;
  if (rd_kafka_assignment(client_->get(), &current) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const kafka::PartitionList owned{current};
  give_up(current);
}

kafka::MessageHandle GroupMember::poll(milliseconds wait) {
  measure_lag();
  offsets_.commit_in_time();
  health_.look_whether_joined();
  kafka::MessageHandle message{rd_kafka_consumer_poll(client_->get(), static_cast<int>(wait.count()))};
  if (!message) {
    health_.probe();
    join_again_when_left_out();
    return nullptr;
  }
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    health_.on_record();
    lag_.read(message->partition, message->offset);
    return message;
  }
  if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    listener_.on_end(message->partition, message->offset);
    return nullptr;
  }
  const char* text = rd_kafka_message_errstr(message.get());
  const std::string reason = text ? text : rd_kafka_err2str(message->err);
  health_.on_error(message->err, reason);
  if (UnreadableRecords::is_unreadable(message->err)) pass_over(*message, reason);
  return nullptr;
}

void GroupMember::pass_over(const rd_kafka_message_t& message, const std::string& reason) {
  const auto next = unreadable_.pass_over(message, reason);
  if (!next) return;
  lag_.store(message.partition, *next);
  listener_.on_unreadable();
}

void GroupMember::join_again_when_left_out() {
  if (!rejoin_.due()) return;
  if (lag_.partitions() > 0) return rejoin_.stop();
  if (!health_.connected() || health_.topic_gone()) return;  // there is nothing to be assigned yet
  const int left = rejoin_.begin();
  log_.warn("kafka group joined again",
            {{"topic", options_.topic}, {"reason", "no partition since the topic was gone"}, {"tries_left", left}});
  rd_kafka_unsubscribe(client_->get());
  subscribe();
}

void GroupMember::leave(milliseconds within) {
  const auto deadline = Clock::now() + within;
  const auto joined_by = Clock::now() + kJoinBeforeLeaving;
  // A rebalance that waits to be served is served while the group still answers.
  while (const kafka::MessageHandle unwanted{rd_kafka_consumer_poll(client_->get(), 0)}) {
    if (Clock::now() >= joined_by) break;
  }
  while (health_.joining() && connected() && Clock::now() < joined_by) {
    const kafka::MessageHandle unwanted{
        rd_kafka_consumer_poll(client_->get(), 50)};  // received while leaving; not committed
  }
  if (connected() || health_.topic_gone()) offsets_.note_vanished();  // after closing, it can no longer ask
  leaving_ = true;
  if (options_.partitions == KafkaOptions::Partitions::all) give_up_every_partition();
  client_->close(deadline, within);
}

void GroupMember::on_rebalance(rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions) {
  if (what != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) return give_up(partitions);
  health_.on_assigned();
  log_.info("kafka partitions assigned", {{"count", partitions->cnt}});
  check("assign", rd_kafka_assign(client_->get(), partitions));
  paused_.resume(*partitions);
  offsets_.assign(*partitions);
  lag_.assign(*partitions);
}

void GroupMember::on_committed(rd_kafka_resp_err_t error, const rd_kafka_topic_partition_list_t& offsets) {
  offsets_.on_committed(error, offsets);
}

void GroupMember::on_error(rd_kafka_resp_err_t code, const std::string& reason) {
  health_.on_error(code, reason);
}

void GroupMember::give_up(const rd_kafka_topic_partition_list_t* partitions) {
  log_.info("kafka partitions revoked", {{"count", partitions ? partitions->cnt : 0}});
  if (rd_kafka_assignment_lost(client_->get()) != 0) {
    health_.suspect();  // the group has received nothing from us for too long
    // We may not commit its offsets any more. librdkafka (until its pull request 5585) would do so without a member id,
    // and a broker that still knows a static member fences it permanently for that. Records that were done are
    // redelivered.
    if (partitions) offsets_.void_stored(*partitions);
  }
  if (partitions && rd_kafka_assignment_lost(client_->get()) == 0) listener_.on_revoking(*partitions);
  if (!leaving_) {
    health_.expect_to_join();
    offsets_.note_vanished();
  }
  offsets_.void_remade(partitions);
  if (partitions) {
    listener_.on_revoked(*partitions);
    lag_.revoke(*partitions);
    unreadable_.clear();
    offsets_.revoke(*partitions);
  }
  // unassign commits the stored offsets, because enable.auto.commit is on.
  check("unassign",
        leaving_ ? unassign_within(client_->get(), kUnassignWithin) : rd_kafka_assign(client_->get(), nullptr));
}

void GroupMember::check(const char* call, rd_kafka_resp_err_t error) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  // The group rebalances when our session ends because of this; until then these partitions are not consumed.
  log_.error("kafka rebalance not followed", {{"call", call}, {"reason", rd_kafka_err2str(error)}});
}

void GroupMember::measure_lag() {
  if (Clock::now() < next_measure_) return;
  if (!paused_.empty() && connected()) {
    lag_.ask(client_->get(), options_.topic,
             kAskWithin);  // paused partitions are not fetched, so no fetch reports their ends
  } else {
    lag_.measure(client_->get(), options_.topic);
  }
  next_measure_ = Clock::now() + kMeasureEvery;
}

}  // namespace nx::ingest
