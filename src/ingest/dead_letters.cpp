#include "ingest/dead_letters.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "contract/dead_letter_headers.hpp"

namespace nx::ingest {
namespace {

using Clock = std::chrono::steady_clock;

// A letter that the brokers have not confirmed by then is reported as timed out, so that the consumer can go on
// polling.
constexpr const char* kDeliveryTimeoutMs = "4000";
constexpr std::chrono::seconds kReportWait{5}, kPurgeWait{1};

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

kafka::Handle<rd_kafka_headers_t> headers_of(const DeadLetter& letter) {
  rd_kafka_headers_t* own = nullptr;
  kafka::Handle<rd_kafka_headers_t> headers;
  if (rd_kafka_message_headers(letter.message, &own) == RD_KAFKA_RESP_ERR_NO_ERROR && own) {
    headers.reset(rd_kafka_headers_copy(own));
  } else {
    headers.reset(rd_kafka_headers_new(4));
  }
  const auto add = [&headers](std::string_view name, const std::string& value) {
    rd_kafka_header_add(headers.get(), name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  };
  rd_kafka_timestamp_type_t type{};
  add(contract::kReasonHeader, letter.reason);
  add(contract::kTopicHeader, rd_kafka_topic_name(letter.message->rkt));
  add(contract::kPartitionHeader, std::to_string(letter.message->partition));
  add(contract::kOffsetHeader, std::to_string(letter.message->offset));
  add(contract::kTimestampHeader, std::to_string(rd_kafka_message_timestamp(letter.message, &type)));
  return headers;
}

}  // namespace

Result<DeadLetters> DeadLetters::open(const KafkaOptions& options, const observe::Logger& log) {
  auto conf = kafka::connection_conf(options);
  if (!conf) return error_of(conf);
  struct Setting {
    const char* name;
    const char* value;
  };
  // The broker's own limit decides when a message is too large; ours is higher. One message per request: the broker
  // refuses letters in one request together if they are too large together, although each alone would be accepted.
  for (const Setting& one :
       {Setting{"message.timeout.ms", kDeliveryTimeoutMs}, Setting{"acks", "all"},
        Setting{"message.max.bytes", "67108864"}, Setting{"linger.ms", "0"}, Setting{"batch.num.messages", "1"}}) {
    if (auto done = kafka::set(conf->get(), one.name, one.value); !done) return error_of(done);
  }
  rd_kafka_conf_set_dr_msg_cb(conf->get(), on_delivery);
  auto kafka_log = std::make_unique<kafka::Log>(log);
  rd_kafka_conf_set_opaque(conf->get(), kafka_log.get());
  rd_kafka_conf_set_log_cb(conf->get(), [](const rd_kafka_t* client, int, const char* facility, const char* text) {
    static_cast<kafka::Log*>(rd_kafka_opaque(client))->write(facility, text);
  });
  auto producer = kafka::make_client(RD_KAFKA_PRODUCER, std::move(*conf));
  if (!producer) return error_of(producer);
  return DeadLetters{std::move(kafka_log), std::move(*producer), options.dlq_topic, log};
}

void DeadLetters::on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  const std::unique_ptr<std::shared_ptr<Flight>> owned{static_cast<std::shared_ptr<Flight>*>(message->_private)};
  (*owned)->reported = true;
  (*owned)->error = message->err;
}

/// The producer copies the message; it takes ownership of headers and opaque only if it accepts the message.
std::shared_ptr<DeadLetters::Flight> DeadLetters::send_off(const DeadLetter& letter) {
  const rd_kafka_message_t& message = *letter.message;
  auto headers = headers_of(letter);
  auto flight = std::make_shared<Flight>();
  auto opaque = std::make_unique<std::shared_ptr<Flight>>(flight);
  std::array<rd_kafka_vu_t, 6> parts{};
  parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  parts[0].u.cstr = topic_.c_str();
  parts[1].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  parts[1].u.i = RD_KAFKA_MSG_F_COPY;
  parts[2].vtype = RD_KAFKA_VTYPE_KEY;
  parts[2].u.mem = {message.key, message.key_len};
  parts[3].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[3].u.mem = {message.payload, message.len};
  parts[4].vtype = RD_KAFKA_VTYPE_HEADERS;
  parts[4].u.headers = headers.get();
  parts[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
  parts[5].u.ptr = opaque.get();
  const kafka::Handle<rd_kafka_error_t> error{rd_kafka_produceva(producer_.get(), parts.data(), parts.size())};
  if (error) {
    *flight = {.reported = true, .error = rd_kafka_error_code(error.get())};
  } else {
    static_cast<void>(headers.release());
    static_cast<void>(opaque.release());
  }
  return flight;
}

/// Every letter is reported once, after its time-out at the latest, unless librdkafka's threads hang (in a name
/// look-up); so neither the wait nor the purge waits for those threads.
bool DeadLetters::wait_for(const Flights& flights) {
  const auto done = [&flights] {
    return std::all_of(flights.begin(), flights.end(), [](const auto& flight) { return flight->reported; });
  };
  const auto poll_until = [&](Clock::time_point deadline) {
    while (!done() && Clock::now() < deadline && !stopping_->load(std::memory_order_relaxed)) {
      rd_kafka_poll(producer_.get(), 50);
    }
  };
  poll_until(Clock::now() + kReportWait);
  if (!done()) {
    rd_kafka_purge(producer_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
    poll_until(Clock::now() + kPurgeWait);
  }
  return done();
}

DeadLetterOutcome DeadLetters::outcome_of(const DeadLetter& letter, const Flight& flight) {
  if (flight.reported && flight.error == RD_KAFKA_RESP_ERR_NO_ERROR) return DeadLetterOutcome::sent;
  if (flight.reported && is_final(flight.error)) {
    log_->error("dead letter lost", {{"topic", rd_kafka_topic_name(letter.message->rkt)},
                                     {"partition", letter.message->partition},
                                     {"offset", letter.message->offset},
                                     {"dlq_topic", topic_},
                                     {"reason", rd_kafka_err2str(flight.error)}});
    return DeadLetterOutcome::lost;
  }
  return DeadLetterOutcome::retry;
}

std::vector<DeadLetterOutcome> DeadLetters::send(const std::vector<DeadLetter>& letters) {
  // Letters whose report is still missing are not sent a second time with each attempt.
  Flights flights;
  const bool free = wait_for(late_);
  for (const DeadLetter& letter : letters) {
    flights.push_back(free ? send_off(letter) : std::make_shared<Flight>());
  }
  if (free) late_ = wait_for(flights) ? Flights{} : flights;

  std::vector<DeadLetterOutcome> outcomes;
  outcomes.reserve(letters.size());
  bool told = false;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    outcomes.push_back(outcome_of(letters[i], *flights[i]));
    if (outcomes.back() != DeadLetterOutcome::retry || std::exchange(told, true)) continue;
    log_->warn("dead letters held back",
               {{"dlq_topic", topic_},
                {"reason", flights[i]->reported ? rd_kafka_err2str(flights[i]->error) : "the brokers do not answer"}});
  }
  return outcomes;
}

}  // namespace nx::ingest
