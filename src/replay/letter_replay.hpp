#pragma once
// Sends one dead letter again, as it is or repaired. Blocks the calling thread.

#include <chrono>
#include <optional>
#include <string>

#include "kafka/connection_options.hpp"
#include "kafka/deadline.hpp"
#include "kafka/record.hpp"
#include "model/result.hpp"

namespace nx::replay {

/// The two topics, and how long the brokers are waited for.
struct Topics {
  kafka::ConnectionOptions connection;  // its boot time-out is for the first answer
  std::string topic;                    // of notifications
  std::string dlq_topic;
  std::chrono::milliseconds patience{3'000};  // one answer
  std::chrono::milliseconds within{10'000};   // all answers for a request
};

struct LetterSent {
  kafka::Position at;  // in the notification topic
  std::string source;  // the identity of the message
};

/// Error kinds: not_found if there is no such letter, invalid if the message would go to the DLQ topic again,
/// unavailable if the brokers do not answer. Returns at the deadline, or up to 7 s later: a record that was handed over
/// is waited for, and three connections are closed.
Result<LetterSent> replay_letter(const Topics& topics, const kafka::Position& at,
                                 const std::optional<std::string>& value, const kafka::Deadline& deadline);

}  // namespace nx::replay
