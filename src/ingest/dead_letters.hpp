#pragma once
// Sends messages that can never be handled to the DLQ topic: their own key, value and headers, and the reason in
// `signal.*` headers (docs/notifications.md#the-dlq-topic). Used by one thread, except stop_soon().

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "ingest/kafka_options.hpp"
#include "kafka/handle.hpp"
#include "kafka/log.hpp"
#include "model/result.hpp"
#include "observe/log.hpp"

namespace nx::ingest {

struct DeadLetter {
  const rd_kafka_message_t* message = nullptr;  // borrowed for the call
  std::string reason;
};

enum class DeadLetterOutcome {
  sent,
  lost,   // the broker will never accept it: too large, forbidden; logged at error
  retry,  // infrastructure fault: send it again later
};

class DeadLetters {
 public:
  /// An error means that the configuration is wrong.
  static Result<DeadLetters> open(const KafkaOptions& options, const observe::Logger& log);

  /// Waits at most about 5 s until the brokers have confirmed or refused each letter. One outcome for each letter, in
  /// order.
  std::vector<DeadLetterOutcome> send(const std::vector<DeadLetter>& letters);

  /// send() stops waiting; letters that are not confirmed by then have the outcome retry. Any thread.
  void stop_soon() { stopping_->store(true, std::memory_order_relaxed); }

 private:
  /// One letter on its way; shared with its delivery report, which may arrive after send() has returned.
  struct Flight {
    bool reported = false;
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  };
  using Flights = std::vector<std::shared_ptr<Flight>>;

  static void on_delivery(rd_kafka_t* producer, const rd_kafka_message_t* message, void* opaque);
  std::shared_ptr<Flight> send_off(const DeadLetter& letter);
  bool wait_for(const Flights& flights);
  DeadLetterOutcome outcome_of(const DeadLetter& letter, const Flight& flight);
  DeadLetters(std::unique_ptr<kafka::Log> kafka_log, kafka::ClientHandle producer, std::string topic,
              const observe::Logger& log)
      : kafka_log_(std::move(kafka_log)), producer_(std::move(producer)), topic_(std::move(topic)), log_(&log) {}

  std::unique_ptr<kafka::Log> kafka_log_;  // the producer's threads write to it
  kafka::ClientHandle producer_;
  std::string topic_;
  const observe::Logger* log_;
  Flights late_;  // sent by earlier calls, not reported yet
  std::unique_ptr<std::atomic<bool>> stopping_ = std::make_unique<std::atomic<bool>>(false);
};

}  // namespace nx::ingest
