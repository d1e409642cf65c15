#include "app/dead_letters.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace nx::app {
namespace {

constexpr std::chrono::milliseconds kWaitForKafka{5'000};  // for the first answer: somebody waits for it

}  // namespace

std::unique_ptr<replay::DeadLetterRequests> dead_letter_requests(const ingest::KafkaOptions& kafka,
                                                                 const observe::Logger& log) {
  if (kafka.dlq_topic.empty()) return nullptr;
  replay::Topics topics{.connection = kafka.connection(), .topic = kafka.topic, .dlq_topic = kafka.dlq_topic};
  topics.connection.boot_timeout = std::min(kafka.boot_timeout, kWaitForKafka);
  return std::make_unique<replay::DeadLetterRequests>(std::move(topics), log);
}

}  // namespace nx::app
