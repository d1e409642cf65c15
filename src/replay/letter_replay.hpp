#pragma once
// Sends one dead letter again, as it is or repaired. Blocks the calling thread for at most the time-outs of
// `Topics`.

#include <chrono>
#include <optional>
#include <string>

#include "kafka/connection_options.hpp"
#include "kafka/record.hpp"
#include "model/result.hpp"

namespace nx::replay {

/// The two topics, and how long one answer of the brokers is waited for.
struct Topics {
  kafka::ConnectionOptions connection;  // its boot time-out is for the first answer
  std::string topic;                    // of notifications
  std::string dlq_topic;
  std::chrono::milliseconds patience{3'000};
};

struct LetterSent {
  kafka::Position at;  // in the notification topic
  std::string source;  // the identity of the message
};

/// Error kinds: not_found if there is no such letter, invalid if the message would go to the DLQ topic again,
/// unavailable if the brokers do not answer.
Result<LetterSent> replay_letter(const Topics& topics, const kafka::Position& at,
                                 const std::optional<std::string>& value);

}  // namespace nx::replay
