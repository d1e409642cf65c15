#include "ingest/group_member.hpp"

#include <algorithm>
#include <future>
#include <thread>

namespace nx::ingest {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kEndWithin{2'000};
constexpr milliseconds kMeasureEvery{1'000};
// A member learns of a rebalance from the answer to its heartbeat, and no member has partitions between the first that
// learns of it and the last.
constexpr milliseconds kHeartbeat{100};
// The other members wait for a member that leaves during a rebalance.
constexpr milliseconds kJoinBeforeLeaving{1'500};

// The size of librdkafka's queue of fetched messages; the default of 64 MiB uses too much memory for a backlog.
constexpr const char* kQueuedKilobytes = "16384";

std::set<std::int32_t> partitions_of(const rd_kafka_topic_partition_list_t& list) {
  std::set<std::int32_t> partitions;
  for (int i = 0; i < list.cnt; ++i) partitions.insert(list.elems[i].partition);
  return partitions;
}

}  // namespace

GroupMember::GroupMember(const KafkaOptions& options, Listener listener, const observe::Logger& log)
    : options_(options), listener_(std::move(listener)), log_(log), calls_(std::make_shared<Calls>(*this, log)) {}

/// librdkafka < 2.1 never ends a client whose topic was deleted while it was assigned (a reference leak, see its change
/// log of 2.1.0). The wait is therefore bounded, and a client that does not end is left until the process ends.
GroupMember::~GroupMember() {
  if (!client_) return;
  queue_.reset();
  std::promise<void> ended;
  const std::future<void> end = ended.get_future();
  std::thread destroyer{[client = client_.release(), calls = calls_, ended = std::move(ended)]() mutable {
    rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    ended.set_value();
  }};
  if (end.wait_for(kEndWithin) == std::future_status::ready) {
    destroyer.join();
    return;
  }
  log_.warn("kafka client does not end", {{"within_ms", kEndWithin.count()}});
  calls_->log.silence();
  destroyer.detach();
}

Result<std::unique_ptr<GroupMember>> GroupMember::join(const KafkaOptions& options, Listener listener,
                                                       const observe::Logger& log) {
  std::unique_ptr<GroupMember> member{new GroupMember(options, std::move(listener), log)};
  if (auto done = member->open(); !done) return error_of(done);
  return member;
}

Result<void> GroupMember::open() {
  auto conf = kafka::connection_conf(options_);
  if (!conf) return error_of(conf);
  const std::string session = std::to_string(options_.session_timeout.count());
  const auto heartbeat = std::clamp(options_.session_timeout / 5, milliseconds{1}, kHeartbeat);
  struct Setting {
    const char* name;
    std::string value;
  };
  for (const Setting& one :
       {Setting{"group.id", options_.group_id}, Setting{"auto.offset.reset", options_.offset_reset},
        Setting{"partition.assignment.strategy", options_.assignor}, Setting{"session.timeout.ms", session},
        Setting{"heartbeat.interval.ms", std::to_string(heartbeat.count())},
        Setting{"max.poll.interval.ms", std::to_string(options_.max_poll_interval.count())},
        Setting{"enable.auto.commit", "true"}, Setting{"auto.commit.interval.ms", "0"},
        Setting{"enable.auto.offset.store", "false"}, Setting{"enable.partition.eof", "true"},
        Setting{"allow.auto.create.topics", "false"}, Setting{"queued.max.messages.kbytes", kQueuedKilobytes},
        Setting{"fetch.wait.max.ms", std::to_string(options_.fetch_wait.count())}}) {
    if (auto done = kafka::set(conf->get(), one.name, one.value); !done) return done;
  }
  if (!options_.instance_id.empty()) {
    if (auto done = kafka::set(conf->get(), "group.instance.id", options_.instance_id); !done) return done;
  }
  rd_kafka_conf_set_opaque(conf->get(), calls_.get());
  rd_kafka_conf_set_rebalance_cb(
      conf->get(), [](rd_kafka_t*, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions, void* calls) {
        static_cast<Calls*>(calls)->member.rebalance(what, partitions);
      });
  rd_kafka_conf_set_offset_commit_cb(
      conf->get(), [](rd_kafka_t*, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* offsets, void* calls) {
        if (offsets != nullptr) static_cast<Calls*>(calls)->member.on_committed(error, *offsets);
      });
  rd_kafka_conf_set_error_cb(conf->get(), [](rd_kafka_t*, int code, const char* reason, void* calls) {
    static_cast<Calls*>(calls)->member.on_error(static_cast<rd_kafka_resp_err_t>(code), reason ? reason : "");
  });
  rd_kafka_conf_set_log_cb(conf->get(), [](const rd_kafka_t* client, int, const char* facility, const char* text) {
    static_cast<Calls*>(rd_kafka_opaque(client))->log.write(facility, text);
  });
  auto client = kafka::make_client(RD_KAFKA_CONSUMER, std::move(*conf));
  if (!client) return error_of(client);
  client_ = std::move(*client);

  if (auto checked = kafka::check_boot(client_.get(), options_, topics_of(options_), last_error_); !checked)
    return checked;
  connected_.store(true, std::memory_order_relaxed);
  booted_ = true;
  rd_kafka_poll_set_consumer(client_.get());
  queue_.reset(rd_kafka_queue_get_consumer(client_.get()));
  return subscribe();
}

Result<void> GroupMember::subscribe() {
  const kafka::PartitionList topics{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(topics.get(), options_.topic.c_str(), RD_KAFKA_PARTITION_UA);
  if (const auto error = rd_kafka_subscribe(client_.get(), topics.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fail(ErrorKind::unavailable, "Kafka topic '" + options_.topic + "': " + rd_kafka_err2str(error) +
                                            "; check SIGNAL_KAFKA_TOPIC and SIGNAL_KAFKA_GROUP_ID");
  }
  expect_to_join();
  return {};
}

kafka::MessageHandle GroupMember::poll(milliseconds wait) {
  measure_lag();
  commit_in_time();
  look_whether_joined();
  kafka::MessageHandle message{rd_kafka_consumer_poll(client_.get(), static_cast<int>(wait.count()))};
  if (!message) {
    probe_connection();
    join_again_when_left_out();
    return nullptr;
  }
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (!group_forbidden_) connected_.store(true, std::memory_order_relaxed);
    lag_.read(message->partition, message->offset);
    return message;
  }
  if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    listener_.on_end(message->partition, message->offset);
    return nullptr;
  }
  const char* text = rd_kafka_message_errstr(message.get());
  const std::string reason = text ? text : rd_kafka_err2str(message->err);
  on_error(message->err, reason);
  if (is_unreadable(message->err)) pass_over(*message, reason);
  return nullptr;
}

void GroupMember::pause(std::int32_t partition) {
  const kafka::PartitionList one{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(one.get(), options_.topic.c_str(), partition);
  rd_kafka_pause_partitions(client_.get(), one.get());
  paused_partitions_.insert(partition);
}

void GroupMember::resume(std::int32_t partition) {
  const kafka::PartitionList one{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(one.get(), options_.topic.c_str(), partition);
  resume_ours(*one);
}

void GroupMember::resume_ours(const rd_kafka_topic_partition_list_t& partitions) {
  const kafka::PartitionList ours{rd_kafka_topic_partition_list_new(partitions.cnt)};
  for (int i = 0; i < partitions.cnt; ++i) {
    const std::int32_t partition = partitions.elems[i].partition;
    if (paused_partitions_.erase(partition) == 0) continue;
    rd_kafka_topic_partition_list_add(ours.get(), partitions.elems[i].topic, partition);
  }
  if (ours->cnt > 0) rd_kafka_resume_partitions(client_.get(), ours.get());
}

void GroupMember::leave(milliseconds within) {
  const auto deadline = Clock::now() + within;
  const auto joined_by = Clock::now() + kJoinBeforeLeaving;
  while (join_by_ && connected() && Clock::now() < joined_by) {
    const kafka::MessageHandle unwanted{
        rd_kafka_consumer_poll(client_.get(), 50)};  // received while leaving; not committed
  }
  if (connected() || topic_gone_) note_vanished();  // after closing, it can no longer ask
  leaving_ = true;
  queue_.reset();
  const kafka::Handle<rd_kafka_queue_t> queue{rd_kafka_queue_new(client_.get())};
  if (const kafka::Handle<rd_kafka_error_t> error{rd_kafka_consumer_close_queue(client_.get(), queue.get())}) {
    log_.warn("kafka group not left", {{"reason", rd_kafka_error_string(error.get())}});
    return;
  }
  while (!rd_kafka_consumer_closed(client_.get()) && Clock::now() < deadline) {
    rd_kafka_event_t* event = rd_kafka_queue_poll(queue.get(), 50);
    if (!event) continue;
    if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_REBALANCE) {
      rebalance(rd_kafka_event_error(event), rd_kafka_event_topic_partition_list(event));
    }
    rd_kafka_event_destroy(event);
  }
  if (!rd_kafka_consumer_closed(client_.get())) {
    log_.warn("kafka group not left in time", {{"within_ms", within.count()}});
  }
}

std::optional<std::string> GroupMember::failure() const {
  const std::lock_guard lock{failure_mutex_};
  return failure_;
}

void GroupMember::rebalance(rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions) {
  if (what != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) return give_up(partitions);
  ever_assigned_ = true;
  join_by_.reset();
  outside_.store(false, std::memory_order_relaxed);
  group_forbidden_ = false;
  log_.info("kafka partitions assigned", {{"count", partitions->cnt}});
  check("assign", rd_kafka_assign(client_.get(), partitions));
  resume_ours(*partitions);
  commits_.assign(client_.get(), *partitions, kAskWithin);
  lag_.assign(*partitions);
}

void GroupMember::give_up(const rd_kafka_topic_partition_list_t* partitions) {
  log_.info("kafka partitions revoked", {{"count", partitions ? partitions->cnt : 0}});
  if (rd_kafka_assignment_lost(client_.get()) != 0) {
    suspect_ = true;  // the group has received nothing from us for too long
    // We may not commit its offsets any more. librdkafka (until its pull request 5585) would do so without a member id,
    // and a broker that still knows a static member fences it permanently for that. Records that were done are
    // redelivered.
    if (partitions) void_offsets(partitions_of(*partitions));
  }
  if (partitions && rd_kafka_assignment_lost(client_.get()) == 0) listener_.on_revoking(*partitions);
  if (!leaving_) {
    expect_to_join();
    note_vanished();
  }
  // Our offsets may then not be committed, even if the brokers reported nothing: the next topic of that name would lose
  // the records before them.
  if (topic_gone_ && partitions) remade_.merge(partitions_of(*partitions));
  if (!remade_.empty()) {
    void_offsets(remade_);
    listener_.on_remade(remade_);
    remade_.clear();  // the next owner finds no committed offset
  }
  if (partitions) {
    listener_.on_revoked(*partitions);
    lag_.revoke(*partitions);
    unreadable_.clear();
    commits_.revoke(*partitions);
  }
  // unassign commits the stored offsets, because enable.auto.commit is on.
  check("unassign", rd_kafka_assign(client_.get(), nullptr));
}

void GroupMember::check(const char* call, rd_kafka_resp_err_t error) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  // The group rebalances when our session ends because of this; until then these partitions are not consumed.
  log_.error("kafka rebalance not followed", {{"call", call}, {"reason", rd_kafka_err2str(error)}});
}

void GroupMember::measure_lag() {
  if (Clock::now() < next_measure_) return;
  if (!paused_partitions_.empty() && connected()) {
    lag_.ask(client_.get(), options_.topic,
             kAskWithin);  // paused partitions are not fetched, so no fetch reports their ends
  } else {
    lag_.measure(client_.get(), options_.topic);
  }
  next_measure_ = Clock::now() + kMeasureEvery;
}

void GroupMember::fail_for_good(std::string reason) {
  log_.error("kafka consumer ended", {{"reason", reason}});
  const std::lock_guard lock{failure_mutex_};
  if (!failure_) failure_ = std::move(reason);
}

}  // namespace nx::ingest
