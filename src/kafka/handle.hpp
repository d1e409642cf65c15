#pragma once
// Owning types for librdkafka's handles, and the settings that all our connections share.

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include <librdkafka/rdkafka.h>

#include "kafka/connection_options.hpp"
#include "model/result.hpp"

namespace nx::kafka {

struct Destroy {
  void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_error_t* error) const { rd_kafka_error_destroy(error); }
  void operator()(rd_kafka_headers_t* headers) const { rd_kafka_headers_destroy(headers); }
  void operator()(const rd_kafka_metadata_t* metadata) const { rd_kafka_metadata_destroy(metadata); }
};

template <class Type>
using Handle = std::unique_ptr<Type, Destroy>;

using ClientHandle = Handle<rd_kafka_t>;
using ConfHandle = Handle<rd_kafka_conf_t>;
using MessageHandle = Handle<rd_kafka_message_t>;
using PartitionList = Handle<rd_kafka_topic_partition_list_t>;

/// Sets one setting; the error contains librdkafka's reason, which names the setting but never its value.
Result<void> set(rd_kafka_conf_t* conf, const char* name, const std::string& value);

/// Brokers, client id, SASL and TLS.
Result<ConfHandle> connection_conf(const ConnectionOptions& options);

/// Takes the configuration. An error (kind invalid) means that librdkafka refuses a combination of settings.
Result<ClientHandle> make_client(rd_kafka_type_t type, ConfHandle conf);

/// Ends the client on another thread, because librdkafka < 2.1 never ends a consumer whose topic was deleted while it
/// was read (a reference leak, see its change log of 2.1.0). False: it did not end in time, and is left until the
/// process ends. `kept` outlives the client. If no thread can be started, the client is ended on this one.
bool end_within(ClientHandle client, std::chrono::milliseconds time, std::shared_ptr<void> kept = nullptr);

}  // namespace nx::kafka
