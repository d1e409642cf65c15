#pragma once
// Topics of a real Apache Kafka, and who may use them.

#include <map>
#include <memory>
#include <string>

#include <librdkafka/rdkafka.h>

#include "kafka/handle.hpp"

namespace nx::ingest::testing {

/// A producer that logs nothing and keeps the order of its messages.
kafka::ClientHandle quiet_producer(const std::string& brokers, const std::map<std::string, std::string>& more = {});

/// Creates and deletes topics as an operator does.
class Topics {
 public:
  explicit Topics(const std::string& brokers);
  /// Returns when each partition has a leader.
  void create(const std::string& topic, int partitions, const std::map<std::string, std::string>& config = {});
  /// Returns when the broker does not know it any more.
  void remove(const std::string& topic);
  /// Nobody but super users may use it any more, until allow(). Topic or group.
  void forbid(rd_kafka_ResourceType_t type, const std::string& name);
  void allow(rd_kafka_ResourceType_t type, const std::string& name);

 private:
  using Metadata = std::unique_ptr<const rd_kafka_metadata_t, decltype(&rd_kafka_metadata_destroy)>;
  Metadata metadata_of(const std::string& topic);  // null: no answer
  bool is_gone(const std::string& topic);
  bool has_leaders(const std::string& topic, int partitions);

  kafka::ClientHandle client_;
};

}  // namespace nx::ingest::testing
