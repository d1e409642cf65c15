#include "ingest/dead_letters.hpp"

#include <array>
#include <chrono>

namespace nx::ingest {
namespace {

using Clock = std::chrono::steady_clock;

// A letter that the brokers have not confirmed by then comes back as timed out, so that the consumer can go on polling.
constexpr const char* kDeliveryTimeoutMs = "4000";
constexpr std::chrono::seconds kReportWait{5};

/// One letter's way; the delivery report writes into it, so it outlives every report (see send()).
struct Flight {
  bool reported = false;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
};

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  auto* flight = static_cast<Flight*>(message->_private);
  flight->reported = true;
  flight->error = message->err;
}

bool is_final(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return true;
    default:
      return false;
  }
}

Kafka<rd_kafka_headers_t> headers_of(const DeadLetter& letter) {
  rd_kafka_headers_t* own = nullptr;
  Kafka<rd_kafka_headers_t> headers;
  if (rd_kafka_message_headers(letter.message, &own) == RD_KAFKA_RESP_ERR_NO_ERROR && own) {
    headers.reset(rd_kafka_headers_copy(own));
  } else {
    headers.reset(rd_kafka_headers_new(4));
  }
  const auto add = [&headers](const char* name, const std::string& value) {
    rd_kafka_header_add(headers.get(), name, -1, value.data(), static_cast<ssize_t>(value.size()));
  };
  add("signal.reason", letter.reason);
  add("signal.topic", rd_kafka_topic_name(letter.message->rkt));
  add("signal.partition", std::to_string(letter.message->partition));
  add("signal.offset", std::to_string(letter.message->offset));
  return headers;
}

/// Copies the message; takes the headers only when it succeeds.
rd_kafka_resp_err_t produce(rd_kafka_t* producer, const std::string& topic, const rd_kafka_message_t& message,
                            rd_kafka_headers_t* headers, Flight& flight) {
  std::array<rd_kafka_vu_t, 6> parts{};
  parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  parts[0].u.cstr = topic.c_str();
  parts[1].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  parts[1].u.i = RD_KAFKA_MSG_F_COPY;
  parts[2].vtype = RD_KAFKA_VTYPE_KEY;
  parts[2].u.mem = {message.key, message.key_len};
  parts[3].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[3].u.mem = {message.payload, message.len};
  parts[4].vtype = RD_KAFKA_VTYPE_HEADERS;
  parts[4].u.headers = headers;
  parts[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
  parts[5].u.ptr = &flight;
  const Kafka<rd_kafka_error_t> error{rd_kafka_produceva(producer, parts.data(), parts.size())};
  return error ? rd_kafka_error_code(error.get()) : RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace

Result<DeadLetters> DeadLetters::open(const KafkaOptions& options, const observe::Logger& log) {
  auto conf = connection_conf(options);
  if (!conf) return tl::unexpected(conf.error());
  struct Setting {
    const char* name;
    const char* value;
  };
  // The broker's own limit decides what is too large; ours is only above it. One message a request: letters that share
  // one are refused together when they are too large together, and none of them would need to be lost.
  for (const Setting& one :
       {Setting{"message.timeout.ms", kDeliveryTimeoutMs}, Setting{"acks", "all"},
        Setting{"message.max.bytes", "67108864"}, Setting{"linger.ms", "0"}, Setting{"batch.num.messages", "1"}}) {
    if (auto done = set(conf->get(), one.name, one.value); !done) return tl::unexpected(done.error());
  }
  rd_kafka_conf_set_dr_msg_cb(conf->get(), on_delivery);
  auto kafka_log = std::make_unique<KafkaLog>(log);
  rd_kafka_conf_set_opaque(conf->get(), kafka_log.get());
  rd_kafka_conf_set_log_cb(conf->get(), [](const rd_kafka_t* client, int, const char* facility, const char* text) {
    static_cast<KafkaLog*>(rd_kafka_opaque(client))->write(facility, text);
  });
  auto producer = make_client(RD_KAFKA_PRODUCER, std::move(*conf));
  if (!producer) return tl::unexpected(producer.error());
  return DeadLetters{std::move(kafka_log), std::move(*producer), options.dlq_topic, log};
}

std::vector<DeadLetterFate> DeadLetters::send(const std::vector<DeadLetter>& letters) {
  std::vector<Flight> flights(letters.size());
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const rd_kafka_message_t* message = letters[i].message;
    auto headers = headers_of(letters[i]);
    const rd_kafka_resp_err_t error = produce(producer_.get(), topic_, *message, headers.get(), flights[i]);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      static_cast<void>(headers.release());  // they went with the message
    } else {
      flights[i] = {.reported = true, .error = error};
    }
  }
  // Every produced message is reported once, at the latest after its own time-out; a purge makes sure of it before
  // `flights` goes.
  const auto pending = [&flights] {
    for (const Flight& flight : flights) {
      if (!flight.reported) return true;
    }
    return false;
  };
  const auto deadline = Clock::now() + kReportWait;
  while (pending() && Clock::now() < deadline) rd_kafka_poll(producer_.get(), 50);
  while (pending()) {
    rd_kafka_purge(producer_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_poll(producer_.get(), 50);
  }

  std::vector<DeadLetterFate> fates;
  fates.reserve(letters.size());
  int retries = 0;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const rd_kafka_resp_err_t error = flights[i].error;
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      fates.push_back(DeadLetterFate::sent);
    } else if (is_final(error)) {
      log_->error("dead letter lost", {{"topic", rd_kafka_topic_name(letters[i].message->rkt)},
                                       {"partition", letters[i].message->partition},
                                       {"offset", letters[i].message->offset},
                                       {"dlq_topic", topic_},
                                       {"reason", rd_kafka_err2str(error)}});
      fates.push_back(DeadLetterFate::lost);
    } else {
      if (retries++ == 0) {
        log_->warn("dead letters held back", {{"dlq_topic", topic_}, {"reason", rd_kafka_err2str(error)}});
      }
      fates.push_back(DeadLetterFate::retry);
    }
  }
  return fates;
}

}  // namespace nx::ingest
