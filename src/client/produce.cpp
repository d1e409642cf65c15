#include "client/produce.hpp"

#include <future>

#include <librdkafka/rdkafka.h>

#include "contract/activity_message.hpp"

namespace nx::client {
namespace {

struct CloseConfiguration {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
struct CloseHandle {
  void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
};

struct CloseTopic {
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
};

using Setting = std::pair<const char*, std::string>;

std::vector<Setting> settings_of(const ProduceOptions& options) {
  std::vector<Setting> settings = {{"bootstrap.servers", options.brokers},
                                   {"client.id", "nx-signal"},
                                   {"enable.idempotence", "true"},
                                   {"linger.ms", "0"},
                                   {"log_level", "0"},
                                   {"message.timeout.ms", std::to_string(options.timeout.count())}};
  const bool sasl = !options.sasl_mechanism.empty();
  settings.emplace_back("security.protocol", sasl          ? (options.tls ? "sasl_ssl" : "sasl_plaintext")
                                             : options.tls ? "ssl"
                                                           : "plaintext");
  if (sasl) {
    settings.emplace_back("sasl.mechanism", options.sasl_mechanism);
    settings.emplace_back("sasl.username", options.sasl_username);
    settings.emplace_back("sasl.password", options.sasl_password);
  }
  if (options.tls && !options.tls_ca.empty()) settings.emplace_back("ssl.ca.location", options.tls_ca);
  return settings;
}

using Delivered = std::promise<rd_kafka_resp_err_t>;

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  const std::unique_ptr<Delivered> waiting(static_cast<Delivered*>(message->_private));
  waiting->set_value(message->err);
}

}  // namespace

struct Producer::State {
  ProduceOptions options;
  std::unique_ptr<rd_kafka_t, CloseHandle> handle;
  std::unique_ptr<rd_kafka_topic_t, CloseTopic> topic;
  std::atomic<bool> ending{false};
  std::thread poller;  // delivery reports arrive on this thread

  ~State() {
    ending.store(true);
    if (poller.joinable()) poller.join();
    if (handle) rd_kafka_flush(handle.get(), 1'000);
  }
};

Producer::Producer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Producer::Producer(Producer&&) noexcept = default;
Producer& Producer::operator=(Producer&&) noexcept = default;
Producer::~Producer() = default;

Result<Producer> Producer::make(const ProduceOptions& options) {
  std::unique_ptr<rd_kafka_conf_t, CloseConfiguration> conf(rd_kafka_conf_new());
  char reason[512];
  for (const auto& [name, value] : settings_of(options)) {
    if (rd_kafka_conf_set(conf.get(), name, value.c_str(), reason, sizeof reason) != RD_KAFKA_CONF_OK) {
      return fail(ErrorKind::invalid, std::string("Kafka setting ") + name + ": " + reason);
    }
  }
  rd_kafka_conf_set_dr_msg_cb(conf.get(), on_delivery);
  auto state = std::make_unique<State>();
  state->options = options;
  state->handle.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), reason, sizeof reason));
  if (!state->handle) return fail(ErrorKind::unavailable, std::string("Kafka producer: ") + reason);
  static_cast<void>(conf.release());  // the handle owns it now
  state->topic.reset(rd_kafka_topic_new(state->handle.get(), options.topic.c_str(), nullptr));
  if (!state->topic)
    return fail(ErrorKind::invalid, "Kafka topic '" + options.topic + "': " + rd_kafka_err2str(rd_kafka_last_error()));
  state->poller = std::thread([raw = state.get()] {
    while (!raw->ending.load()) rd_kafka_poll(raw->handle.get(), 100);
  });
  return Producer(std::move(state));
}

Result<void> Producer::send(std::string_view key, std::string_view value) {
  auto waiting = std::make_unique<Delivered>();
  std::future<rd_kafka_resp_err_t> delivered = waiting->get_future();
  const auto wrong = [this](rd_kafka_resp_err_t code) {
    const ProduceOptions& options = state_->options;
    return fail(ErrorKind::unavailable, "topic " + options.topic + " at " + options.brokers +
                                            " did not take the message: " + rd_kafka_err2str(code));
  };
  // librdkafka copies the value and does not write to it (RD_KAFKA_MSG_F_COPY).
  const int queued =
      rd_kafka_produce(state_->topic.get(), RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, const_cast<char*>(value.data()),
                       value.size(), key.empty() ? nullptr : key.data(), key.size(), waiting.get());
  if (queued != 0) return wrong(rd_kafka_last_error());
  static_cast<void>(waiting.release());  // on_delivery owns it now; it is called within message.timeout.ms
  const rd_kafka_resp_err_t outcome = delivered.get();
  if (outcome != RD_KAFKA_RESP_ERR_NO_ERROR) return wrong(outcome);
  return {};
}

Result<ProduceReport> produce(const ProduceOptions& options,
                              const std::function<std::optional<std::string>()>& next_line) {
  auto producer = Producer::make(options);
  if (!producer) return error_of(producer);
  ProduceReport report;
  std::int64_t number = 0;
  while (const auto line = next_line()) {
    ++number;
    if (line->find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto activity = contract::decode_activity(*line, {});
    if (!activity) {
      report.refused.push_back({number, activity.error().message});
      continue;
    }
    const std::string key = activity->organizer_id.value_or(activity->merchant_id.value_or(""));
    if (const auto sent = producer->send(key, *line); !sent) return error_of(sent);
    ++report.produced;
  }
  return report;
}

}  // namespace nx::client
