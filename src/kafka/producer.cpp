#include "kafka/producer.hpp"

#include <atomic>
#include <future>
#include <thread>
#include <utility>

#include <fmt/core.h>

#include "kafka/handle.hpp"

namespace nx::kafka {
namespace {

struct Report {
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  Position at;
};
using Delivered = std::promise<Report>;

constexpr std::chrono::seconds kReportWait{2};  // a report follows the message's time-out closely
constexpr std::chrono::seconds kEndWithin{2};

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  const std::unique_ptr<Delivered> waiting(static_cast<Delivered*>(message->_private));
  waiting->set_value({message->err, {message->partition, message->offset}});
}

Handle<rd_kafka_headers_t> headers_of(const OutgoingRecord& record) {
  Handle<rd_kafka_headers_t> headers(rd_kafka_headers_new(record.headers.size()));
  for (const Header& one : record.headers) {
    rd_kafka_header_add(headers.get(), one.name.data(), static_cast<ssize_t>(one.name.size()),
                        one.value ? one.value->data() : nullptr,
                        one.value ? static_cast<ssize_t>(one.value->size()) : 0);
  }
  return headers;
}

}  // namespace

struct Producer::State {
  ProducerOptions options;
  ClientHandle handle;
  Handle<rd_kafka_topic_t> topic;
  std::atomic<bool> ending{false};
  std::thread poller;  // delivery reports arrive on this thread

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    ending.store(true);
    if (poller.joinable()) poller.join();
    if (!handle) return;
    rd_kafka_flush(handle.get(), 1'000);
    topic.reset();
    end_within(std::move(handle), kEndWithin);
  }

  Result<std::future<Report>> queue(const OutgoingRecord& record);
  Error wrong(rd_kafka_resp_err_t code) const {
    return {ErrorKind::unavailable, fmt::format("topic {} at {} did not accept the message: {}", options.topic,
                                                options.brokers, rd_kafka_err2str(code))};
  }
};

/// librdkafka copies the record; it takes ownership of headers and opaque only if it accepts the record.
Result<std::future<Report>> Producer::State::queue(const OutgoingRecord& record) {
  auto headers = headers_of(record);
  auto waiting = std::make_unique<Delivered>();
  std::future<Report> delivered = waiting->get_future();
  const auto mem = [](const std::string& bytes) {
    // librdkafka does not write to it (RD_KAFKA_MSG_F_COPY).
    return decltype(rd_kafka_vu_t::u.mem){const_cast<char*>(bytes.data()), bytes.size()};
  };
  std::vector<rd_kafka_vu_t> parts(7);
  parts[0].vtype = RD_KAFKA_VTYPE_RKT;
  parts[0].u.rkt = topic.get();
  parts[1].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  parts[1].u.i = RD_KAFKA_MSG_F_COPY;
  parts[2].vtype = RD_KAFKA_VTYPE_PARTITION;
  parts[2].u.i32 = record.partition.value_or(RD_KAFKA_PARTITION_UA);
  parts[3].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[3].u.mem = mem(record.value);
  parts[4].vtype = RD_KAFKA_VTYPE_HEADERS;
  parts[4].u.headers = headers.get();
  parts[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
  parts[5].u.ptr = waiting.get();
  parts[6].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
  parts[6].u.i64 = record.timestamp.value_or(0);  // 0: now
  if (record.key) {
    parts.emplace_back().vtype = RD_KAFKA_VTYPE_KEY;
    parts.back().u.mem = mem(*record.key);
  }
  const Handle<rd_kafka_error_t> error{rd_kafka_produceva(handle.get(), parts.data(), parts.size())};
  if (error) return tl::unexpected(wrong(rd_kafka_error_code(error.get())));
  static_cast<void>(headers.release());
  static_cast<void>(waiting.release());  // on_delivery owns it now; librdkafka calls that within message.timeout.ms
  return delivered;
}

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
                                    // The broker's own limit decides when a message is too large; ours is higher.
                                    {"message.max.bytes", "67108864"},
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
  const OutgoingRecord record{.partition = {},
                              .timestamp = {},
                              .key = key.empty() ? std::nullopt : std::optional(std::string(key)),
                              .headers = {},
                              .value = std::string(value)};
  Sent sent = send(std::span(&record, 1));
  if (sent.error) return tl::unexpected(std::move(*sent.error));
  return {};
}

Producer::Sent Producer::send(std::span<const OutgoingRecord> records) {
  Sent sent;
  std::vector<std::future<Report>> reports;
  for (const OutgoingRecord& record : records) {
    auto queued = state_->queue(record);
    if (!queued) {
      sent.error = std::move(queued.error());
      break;
    }
    reports.push_back(std::move(*queued));
  }
  const auto until = std::chrono::steady_clock::now() + state_->options.timeout + kReportWait;
  for (std::future<Report>& one : reports) {
    if (one.wait_until(until) != std::future_status::ready) {
      sent.error = state_->wrong(RD_KAFKA_RESP_ERR__TIMED_OUT);
      break;
    }
    const Report report = one.get();
    if (report.error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      sent.error = state_->wrong(report.error);
      break;
    }
    sent.at.push_back(report.at);
  }
  return sent;
}

}  // namespace nx::kafka
