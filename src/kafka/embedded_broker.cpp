#include "kafka/embedded_broker.hpp"

#include "kafka/handle.hpp"

// Requires rdkafka.h before it.
#include <fmt/core.h>
#include <librdkafka/rdkafka_mock.h>

namespace nx::kafka {

struct EmbeddedBroker::Cluster {
  struct Destroy {
    void operator()(rd_kafka_mock_cluster_t* cluster) const { rd_kafka_mock_cluster_destroy(cluster); }
  };
  ClientHandle owner;  // the mock cluster uses this client's thread and memory
  std::unique_ptr<rd_kafka_mock_cluster_t, Destroy> mock;
};

EmbeddedBroker::EmbeddedBroker(std::unique_ptr<Cluster> cluster) : cluster_(std::move(cluster)) {}
EmbeddedBroker::~EmbeddedBroker() = default;
EmbeddedBroker::EmbeddedBroker(EmbeddedBroker&&) noexcept = default;
EmbeddedBroker& EmbeddedBroker::operator=(EmbeddedBroker&&) noexcept = default;

Result<EmbeddedBroker> EmbeddedBroker::start() {
  auto cluster = std::make_unique<Cluster>();
  ConfHandle conf{rd_kafka_conf_new()};
  // The owner connects to no broker; its log lines are about clients that disconnected.
  rd_kafka_conf_set_log_cb(conf.get(), nullptr);
  auto owner = make_client(RD_KAFKA_PRODUCER, std::move(conf));
  if (!owner) return error_of(owner);
  cluster->owner = std::move(*owner);
  cluster->mock.reset(rd_kafka_mock_cluster_new(cluster->owner.get(), 1));
  if (!cluster->mock) return fail(ErrorKind::unavailable, "embedded Kafka broker: no port on 127.0.0.1");
  return EmbeddedBroker{std::move(cluster)};
}

Result<void> EmbeddedBroker::create_topic(const std::string& topic, int partitions) {
  const auto error = rd_kafka_mock_topic_create(cluster_->mock.get(), topic.c_str(), partitions, 1);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fail(ErrorKind::unavailable,
                fmt::format("embedded Kafka broker: topic '{}': {}", topic, rd_kafka_err2str(error)));
  }
  return {};
}

void EmbeddedBroker::deny_topic(const std::string& topic) {
  rd_kafka_mock_topic_set_error(cluster_->mock.get(), topic.c_str(), RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
}

std::string EmbeddedBroker::bootstrap() const {
  return rd_kafka_mock_cluster_bootstraps(cluster_->mock.get());
}

void EmbeddedBroker::down() {
  rd_kafka_mock_broker_set_down(cluster_->mock.get(), 1);
}

void EmbeddedBroker::up() {
  rd_kafka_mock_broker_set_up(cluster_->mock.get(), 1);
}

}  // namespace nx::kafka
