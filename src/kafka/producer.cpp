#include "kafka/producer.hpp"

#include <atomic>
#include <future>
#include <thread>
#include <utility>

#include <fmt/core.h>

#include "kafka/handle.hpp"

namespace nx::kafka {
namespace {

using Delivered = std::promise<rd_kafka_resp_err_t>;

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  const std::unique_ptr<Delivered> waiting(static_cast<Delivered*>(message->_private));
  waiting->set_value(message->err);
}

}  // namespace

struct Producer::State {
  ProducerOptions options;
  ClientHandle handle;
  Handle<rd_kafka_topic_t> topic;
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

Result<Producer> Producer::make(const ProducerOptions& options) {
  auto conf = connection_conf(options);
  if (!conf) return error_of(conf);
  for (const auto& [name, value] : {std::pair<const char*, std::string>{"enable.idempotence", "true"},
                                    {"linger.ms", "0"},
                                    {"log_level", "0"},
                                    {"message.timeout.ms", std::to_string(options.timeout.count())}}) {
    if (auto done = set(conf->get(), name, value); !done) return error_of(done);
  }
  rd_kafka_conf_set_dr_msg_cb(conf->get(), on_delivery);
  auto handle = make_client(RD_KAFKA_PRODUCER, std::move(*conf));
  if (!handle) return error_of(handle);
  auto state = std::make_unique<State>();
  state->options = options;
  state->handle = std::move(*handle);
  state->topic.reset(rd_kafka_topic_new(state->handle.get(), options.topic.c_str(), nullptr));
  if (!state->topic)
    return fail(ErrorKind::invalid,
                fmt::format("Kafka topic '{}': {}", options.topic, rd_kafka_err2str(rd_kafka_last_error())));
  state->poller = std::thread([raw = state.get()] {
    while (!raw->ending.load()) rd_kafka_poll(raw->handle.get(), 100);
  });
  return Producer(std::move(state));
}

Result<void> Producer::send(std::string_view key, std::string_view value) {
  auto waiting = std::make_unique<Delivered>();
  std::future<rd_kafka_resp_err_t> delivered = waiting->get_future();
  const auto wrong = [this](rd_kafka_resp_err_t code) {
    const ProducerOptions& options = state_->options;
    return fail(ErrorKind::unavailable, fmt::format("topic {} at {} did not accept the message: {}", options.topic,
                                                    options.brokers, rd_kafka_err2str(code)));
  };
  // librdkafka copies the value and does not write to it (RD_KAFKA_MSG_F_COPY).
  const int queued =
      rd_kafka_produce(state_->topic.get(), RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, const_cast<char*>(value.data()),
                       value.size(), key.empty() ? nullptr : key.data(), key.size(), waiting.get());
  if (queued != 0) return wrong(rd_kafka_last_error());
  static_cast<void>(waiting.release());  // on_delivery owns it now; librdkafka calls that within message.timeout.ms
  const rd_kafka_resp_err_t outcome = delivered.get();
  if (outcome != RD_KAFKA_RESP_ERR_NO_ERROR) return wrong(outcome);
  return {};
}

}  // namespace nx::kafka
