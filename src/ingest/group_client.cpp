#include "ingest/group_client.hpp"

#include <algorithm>

namespace nx::ingest {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kEndWithin{2'000};
// A member learns of a rebalance from the answer to its heartbeat, and no member has partitions until the last member
// has learnt of it.
constexpr milliseconds kHeartbeat{100};

// The size of librdkafka's queue of fetched messages; the default of 64 MiB uses too much memory for a backlog.
constexpr const char* kQueuedKilobytes = "16384";

}  // namespace

Result<std::unique_ptr<GroupClient>> GroupClient::open(const KafkaOptions& options, const observe::Logger& log) {
  std::unique_ptr<GroupClient> opened{new GroupClient(log)};
  auto conf = kafka::connection_conf(options);
  if (!conf) return error_of(conf);
  if (auto done = set_group_settings(conf->get(), options); !done) return error_of(done);
  opened->set_callbacks(conf->get());
  auto client = kafka::make_client(RD_KAFKA_CONSUMER, std::move(*conf));
  if (!client) return error_of(client);
  opened->client_ = std::move(*client);

  rd_kafka_t* const handle = opened->client_.get();
  auto checked = kafka::check_boot(handle, options, topics_of(options), opened->calls_->last_error);
  if (!checked) return error_of(checked);
  rd_kafka_poll_set_consumer(handle);
  opened->queue_.reset(rd_kafka_queue_get_consumer(handle));
  return opened;
}

GroupClient::~GroupClient() {
  if (!client_) return;
  queue_.reset();
  if (kafka::end_within(std::move(client_), kEndWithin, calls_)) return;
  log_.warn("kafka client does not end", {{"within_ms", kEndWithin.count()}});
  calls_->log.silence();
}

Result<void> GroupClient::set_group_settings(rd_kafka_conf_t* conf, const KafkaOptions& options) {
  const std::string session = std::to_string(options.session_timeout.count());
  const auto heartbeat = std::clamp(options.session_timeout / 5, milliseconds{1}, kHeartbeat);
  struct Setting {
    const char* name;
    std::string value;
  };
  for (const Setting& one :
       {Setting{"group.id", options.group_id}, Setting{"auto.offset.reset", options.offset_reset},
        Setting{"partition.assignment.strategy", options.assignor}, Setting{"session.timeout.ms", session},
        Setting{"heartbeat.interval.ms", std::to_string(heartbeat.count())},
        Setting{"max.poll.interval.ms", std::to_string(options.max_poll_interval.count())},
        Setting{"enable.auto.commit", "true"}, Setting{"auto.commit.interval.ms", "0"},
        Setting{"enable.auto.offset.store", "false"}, Setting{"enable.partition.eof", "true"},
        // allow.auto.create.topics stays at the consumer's default, false: if it were set, a warning would be logged
        // for the embedded broker.
        Setting{"queued.max.messages.kbytes", kQueuedKilobytes},
        Setting{"fetch.wait.max.ms", std::to_string(options.fetch_wait.count())}}) {
    if (auto done = kafka::set(conf, one.name, one.value); !done) return done;
  }
  if (options.instance_id.empty()) return {};
  return kafka::set(conf, "group.instance.id", options.instance_id);
}

void GroupClient::set_callbacks(rd_kafka_conf_t* conf) {
  rd_kafka_conf_set_opaque(conf, calls_.get());
  rd_kafka_conf_set_rebalance_cb(
      conf, [](rd_kafka_t*, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions, void* calls) {
        static_cast<Calls*>(calls)->listener->on_rebalance(what, partitions);
      });
  rd_kafka_conf_set_offset_commit_cb(
      conf, [](rd_kafka_t*, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* offsets, void* calls) {
        if (offsets != nullptr) static_cast<Calls*>(calls)->listener->on_committed(error, *offsets);
      });
  rd_kafka_conf_set_error_cb(conf, [](rd_kafka_t*, int code, const char* reason, void* opaque) {
    auto& calls = *static_cast<Calls*>(opaque);
    const auto error = static_cast<rd_kafka_resp_err_t>(code);
    const std::string text = reason ? reason : "";
    calls.listener ? calls.listener->on_error(error, text) : calls.last_error.note(error, text);
  });
  rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t* client, int, const char* facility, const char* text) {
    static_cast<Calls*>(rd_kafka_opaque(client))->log.write(facility, text);
  });
}

void GroupClient::close(Clock::time_point deadline, milliseconds within) {
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
      calls_->listener->on_rebalance(rd_kafka_event_error(event), rd_kafka_event_topic_partition_list(event));
    }
    rd_kafka_event_destroy(event);
  }
  if (!rd_kafka_consumer_closed(client_.get())) {
    log_.warn("kafka group not left in time", {{"within_ms", within.count()}});
  }
}

}  // namespace nx::ingest
