#include "ingest/kafka_options.hpp"

namespace nx::ingest {

std::vector<kafka::NamedTopic> topics_of(const KafkaOptions& options) {
  std::vector<kafka::NamedTopic> topics{{options.topic, "SIGNAL_KAFKA_TOPIC"}};
  if (!options.dlq_topic.empty()) topics.push_back({options.dlq_topic, "SIGNAL_KAFKA_DLQ_TOPIC"});
  return topics;
}

}  // namespace nx::ingest
