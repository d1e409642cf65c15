#pragma once
// Connects the module `replay` with the settings.

#include <memory>

#include "config/configuration.hpp"
#include "replay/dead_letter_requests.hpp"

namespace nx::app {

/// Null if SIGNAL_KAFKA_DLQ_TOPIC is not set. `log` is borrowed.
std::unique_ptr<replay::DeadLetterRequests> dead_letter_requests(const ingest::KafkaOptions& kafka,
                                                                 const observe::Logger& log);

}  // namespace nx::app
