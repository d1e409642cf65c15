#include "kafka/record_reader.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "kafka/handle.hpp"

namespace nx::kafka {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kEndWithin{2'000};
constexpr int kPollMs = 50;
constexpr int kAskAgainMs = 100;
constexpr const char* kQueuedKilobytes = "4096";  // fetched ahead of the visitor
// A fetch at the end of a partition would delay the next partition's on the same connection for its whole wait.
constexpr const char* kFetchWaitMs = "10";

Result<void> set_reader_settings(rd_kafka_conf_t* conf) {
  struct Setting {
    const char* name;
    const char* value;
  };
  for (const Setting& one :
       {Setting{"enable.auto.commit", "false"}, Setting{"enable.auto.offset.store", "false"},
        Setting{"auto.offset.reset", "error"}, Setting{"enable.partition.eof", "true"},
        Setting{"queued.max.messages.kbytes", kQueuedKilobytes}, Setting{"fetch.wait.max.ms", kFetchWaitMs}}) {
    if (auto done = set(conf, one.name, one.value); !done) return done;
  }
  return {};
}

std::optional<std::string> bytes_of(const void* data, std::size_t size) {
  if (data == nullptr) return std::nullopt;
  return std::string(static_cast<const char*>(data), size);
}

StoredRecord record_of(const rd_kafka_message_t& message) {
  StoredRecord record;
  record.at = {message.partition, message.offset};
  record.key = bytes_of(message.key, message.key_len);
  record.value = bytes_of(message.payload, message.len).value_or(std::string());
  rd_kafka_timestamp_type_t type{};
  const std::int64_t timestamp = rd_kafka_message_timestamp(&message, &type);
  if (type != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE) record.timestamp = timestamp;
  rd_kafka_headers_t* headers = nullptr;  // owned by the message
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return record;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    record.headers.push_back({name, bytes_of(value, size)});
  }
  return record;
}

}  // namespace

struct RecordReader::State {
  std::string topic;
  milliseconds patience{};
  Deadline deadline;
  LastError last_error;  // written by the client's callbacks
  ClientHandle client;
  Handle<rd_kafka_topic_t> handle;
  std::int32_t partitions = 0;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    handle.reset();
    if (client) end_within(std::move(client), kEndWithin);
  }

  tl::unexpected<Error> no_answer(const std::string& what, const std::string& reason) const {
    if (deadline.passed()) {
      return fail(ErrorKind::unavailable,
                  fmt::format("Kafka topic '{}': the request ended before the answer about {}", topic, what));
    }
    std::string text = fmt::format("Kafka topic '{}': no answer about {} within {} ms", topic, what, patience.count());
    if (!reason.empty()) text += fmt::format(" ({})", reason);
    return fail(ErrorKind::unavailable, std::move(text));
  }

  /// Asks until there is an answer, because librdkafka gives up early when a connection breaks or a leader changes.
  /// `ask` has at most the given milliseconds.
  Result<void> ask_until_answered(const char* what, const std::function<rd_kafka_resp_err_t(int)>& ask) {
    const auto until = Clock::now() + deadline.left(patience);
    for (;;) {
      const auto left = std::chrono::duration_cast<milliseconds>(until - Clock::now());
      const auto problem = ask(static_cast<int>(std::max(left, milliseconds{1}).count()));
      rd_kafka_poll(client.get(), 0);  // the error callback
      if (problem == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
      if (Clock::now() >= until || deadline.passed()) return no_answer(what, rd_kafka_err2str(problem));
      rd_kafka_poll(client.get(), kAskAgainMs);
    }
  }
};

namespace {

/// A partition that is read while this object lives.
class Consuming {
 public:
  Consuming(rd_kafka_topic_t* topic, const OffsetRange& range) : topic_(topic), partition_(range.partition) {
    started_ = rd_kafka_consume_start(topic, range.partition, range.first) == 0;
  }
  ~Consuming() {
    if (started_) rd_kafka_consume_stop(topic_, partition_);
  }
  Consuming(const Consuming&) = delete;
  Consuming& operator=(const Consuming&) = delete;
  bool started() const { return started_; }

 private:
  rd_kafka_topic_t* topic_;
  std::int32_t partition_;
  bool started_ = false;
};

}  // namespace

RecordReader::RecordReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
RecordReader::RecordReader(RecordReader&&) noexcept = default;
RecordReader& RecordReader::operator=(RecordReader&&) noexcept = default;
RecordReader::~RecordReader() = default;

const std::string& RecordReader::topic() const {
  return state_->topic;
}

std::int32_t RecordReader::partitions() const {
  return state_->partitions;
}

Result<RecordReader> RecordReader::open(const ConnectionOptions& options, const NamedTopic& topic,
                                        milliseconds patience, const Deadline& deadline) {
  auto conf = connection_conf(options);
  if (!conf) return error_of(conf);
  if (auto done = set_reader_settings(conf->get()); !done) return error_of(done);
  auto state = std::make_unique<State>();
  state->topic = topic.name;
  state->patience = patience;
  state->deadline = deadline;
  rd_kafka_conf_set_opaque(conf->get(), &state->last_error);
  rd_kafka_conf_set_error_cb(conf->get(), [](rd_kafka_t*, int code, const char* reason, void* last) {
    static_cast<LastError*>(last)->note(static_cast<rd_kafka_resp_err_t>(code), reason ? reason : "");
  });
  // Its log lines would go to stderr; errors are returned instead.
  rd_kafka_conf_set_log_cb(conf->get(), [](const rd_kafka_t*, int, const char*, const char*) {});
  auto client = make_client(RD_KAFKA_CONSUMER, std::move(*conf));
  if (!client) return error_of(client);
  state->client = std::move(*client);
  ConnectionOptions bounded = options;
  bounded.boot_timeout = deadline.left(options.boot_timeout);
  if (auto found = check_boot(state->client.get(), bounded, std::span(&topic, 1), state->last_error); !found) {
    return error_of(found);
  }
  state->handle.reset(rd_kafka_topic_new(state->client.get(), topic.name.c_str(), nullptr));
  if (!state->handle) return fail(ErrorKind::invalid, fmt::format("Kafka topic '{}': not usable", topic.name));
  const auto counted = state->ask_until_answered("its partitions", [&state](int ms) {
    const rd_kafka_metadata_t* raw = nullptr;
    const auto problem = rd_kafka_metadata(state->client.get(), 0, state->handle.get(), &raw, ms);
    if (problem != RD_KAFKA_RESP_ERR_NO_ERROR) return problem;
    const Handle<const rd_kafka_metadata_t> metadata{raw};
    if (metadata->topic_cnt != 1) return RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    state->partitions = metadata->topics[0].partition_cnt;
    return metadata->topics[0].err;
  });
  if (!counted) return error_of(counted);
  return RecordReader(std::move(state));
}

/// `time`: a timestamp, or one of librdkafka's logical offsets.
Result<std::vector<std::int64_t>> RecordReader::ask_offsets(std::int64_t time) {
  std::vector<std::int64_t> offsets;
  const auto answered = state_->ask_until_answered("its offsets", [this, time, &offsets](int ms) {
    const PartitionList asked{rd_kafka_topic_partition_list_new(state_->partitions)};
    for (std::int32_t i = 0; i < state_->partitions; ++i) {
      rd_kafka_topic_partition_list_add(asked.get(), state_->topic.c_str(), i)->offset = time;
    }
    // rd_kafka_query_watermark_offsets may wait for ever (librdkafka #4460).
    auto problem = rd_kafka_offsets_for_times(state_->client.get(), asked.get(), ms);
    offsets.clear();
    for (int i = 0; i < asked->cnt; ++i) {
      const auto& one = asked->elems[i];
      if (problem == RD_KAFKA_RESP_ERR_NO_ERROR) problem = one.err;
      offsets.push_back(one.offset);
    }
    return problem;
  });
  if (!answered) return error_of(answered);
  return offsets;
}

Result<std::vector<OffsetRange>> RecordReader::bounds() {
  const auto firsts = ask_offsets(RD_KAFKA_OFFSET_BEGINNING);
  if (!firsts) return error_of(firsts);
  const auto ends = ask_offsets(RD_KAFKA_OFFSET_END);
  if (!ends) return error_of(ends);
  std::vector<OffsetRange> ranges;
  for (std::int32_t i = 0; i < state_->partitions; ++i) {
    const auto at = static_cast<std::size_t>(i);
    ranges.push_back({.partition = i, .first = (*firsts)[at], .end = std::max((*firsts)[at], (*ends)[at])});
  }
  return ranges;
}

Result<std::vector<std::int64_t>> RecordReader::offsets_at(EpochMs time) {
  // Negative numbers are logical offsets; no record is older than 1970.
  auto offsets = ask_offsets(std::max<std::int64_t>(time.value, 0));
  if (!offsets) return error_of(offsets);
  const auto ends = ask_offsets(RD_KAFKA_OFFSET_END);
  if (!ends) return error_of(ends);
  for (std::size_t i = 0; i < offsets->size(); ++i) {
    if ((*offsets)[i] < 0) (*offsets)[i] = (*ends)[i];
  }
  return offsets;
}

Result<void> RecordReader::read(const OffsetRange& range, const Visit& visit) {
  if (range.first >= range.end) return {};
  const Consuming consuming(state_->handle.get(), range);
  const auto problem = [&](std::int64_t offset, const char* reason) {
    return fail(ErrorKind::unavailable, fmt::format("Kafka topic '{}', partition {}, offset {}: {}", state_->topic,
                                                    range.partition, offset, reason));
  };
  if (!consuming.started()) return problem(range.first, rd_kafka_err2str(rd_kafka_last_error()));
  std::int64_t next = range.first;
  const auto no_record = [&] {
    return state_->no_answer(fmt::format("partition {}, offset {}", range.partition, next), state_->last_error.reason);
  };
  auto until = Clock::now() + state_->patience;
  while (next < range.end) {
    if (state_->deadline.passed()) return no_record();
    const MessageHandle message{rd_kafka_consume(state_->handle.get(), range.partition, kPollMs)};
    rd_kafka_poll(state_->client.get(), 0);  // the error callback
    if (!message) {
      if (Clock::now() < until) continue;
      return no_record();
    }
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return {};
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) return problem(next, rd_kafka_message_errstr(message.get()));
    if (message->offset >= range.end) return {};
    next = message->offset + 1;
    if (!visit(record_of(*message))) return {};
    until = Clock::now() + state_->patience;
  }
  return {};
}

}  // namespace nx::kafka
