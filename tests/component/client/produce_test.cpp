#include "client/produce.hpp"

#include <array>

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

// Needs rdkafka.h before it.
#include <librdkafka/rdkafka_mock.h>

namespace nx::client {
namespace {

struct Received {
  std::string key, value;
};

class Produce : public ::testing::Test {
 protected:
  void SetUp() override {
    std::array<char, 256> reason{};
    owner = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), reason.data(), reason.size());
    ASSERT_TRUE(owner) << reason.data();
    rd_kafka_set_log_level(owner, 0);
    cluster = rd_kafka_mock_cluster_new(owner, 1);
    ASSERT_TRUE(cluster);
    rd_kafka_mock_topic_create(cluster, "t", 1, 1);
    options.brokers = rd_kafka_mock_cluster_bootstraps(cluster);
    options.topic = "t";
  }
  void TearDown() override {
    if (cluster) rd_kafka_mock_cluster_destroy(cluster);
    if (owner) rd_kafka_destroy(owner);
  }

  Result<ProduceReport> run(std::vector<std::string> lines) {
    std::size_t next = 0;
    return produce(options, [&]() -> std::optional<std::string> {
      if (next == lines.size()) return std::nullopt;
      return lines[next++];
    });
  }

  std::vector<Received> received(std::size_t count) {
    std::array<char, 256> reason{};
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", options.brokers.c_str(), reason.data(), reason.size());
    rd_kafka_conf_set(conf, "group.id", "reader", reason.data(), reason.size());
    rd_kafka_t* client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason.data(), reason.size());
    rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, "t", 0)->offset = 0;
    rd_kafka_assign(client, list);
    std::vector<Received> found;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (found.size() < count && std::chrono::steady_clock::now() < deadline) {
      rd_kafka_message_t* message = rd_kafka_consumer_poll(client, 100);
      if (!message) continue;
      if (!message->err) {
        found.push_back({{static_cast<const char*>(message->key), message->key_len},
                         {static_cast<const char*>(message->payload), message->len}});
      }
      rd_kafka_message_destroy(message);
    }
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_consumer_close(client);
    rd_kafka_destroy(client);
    return found;
  }

  rd_kafka_t* owner = nullptr;
  rd_kafka_mock_cluster_t* cluster = nullptr;
  kafka::ProducerOptions options;
};

const std::string kUsers = R"({"recipientScope":"users","recipientIds":["u1"],"type":"t","title":"x"})";
const std::string kMerchant = R"({"recipientScope":"merchant","merchantId":7,"type":"t","title":"x"})";
const std::string kOrganizer = R"({"recipientScope":"org","orgId":"o1","merchantId":"m","type":"t","title":"x"})";

TEST_F(Produce, SendsEachLineAsItIsWithTheKeyOfItsScope) {
  const auto report = run({kUsers, "", "  ", kMerchant, kOrganizer});

  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->produced, 3);
  const auto messages = received(3);
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_EQ(messages[0].value, kUsers);
  EXPECT_EQ(messages[0].key, "");
  EXPECT_EQ(messages[1].key, "7");
  EXPECT_EQ(messages[2].key, "o1");
}

TEST_F(Produce, PassesOverALineThatTheServiceWouldRefuseAndSaysWhichAndWhy) {
  const auto report =
      run({kUsers, "", R"({"recipientScope":"users","recipientIds":[],"type":"t","title":"x"})", kUsers});

  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->produced, 2);
  ASSERT_EQ(report->refused.size(), 1U);
  EXPECT_EQ(report->refused[0].line, 3);
  EXPECT_EQ(report->refused[0].reason, "recipientIds: is empty; 1 to 10000 ids are required");
  EXPECT_EQ(received(2).size(), 2U);
}

TEST_F(Produce, EndsWhenTheBrokersDoNotTakeAMessage) {
  rd_kafka_mock_broker_set_down(cluster, 1);
  options.timeout = std::chrono::milliseconds{500};

  const auto report = run({kUsers});

  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().kind, ErrorKind::unavailable);
  EXPECT_NE(report.error().message.find(options.brokers), std::string::npos) << report.error().message;
}

TEST_F(Produce, SendsNothingForNoLines) {
  const auto report = run({});

  ASSERT_TRUE(report);
  EXPECT_EQ(report->produced, 0);
}

TEST_F(Produce, SendsOneMessageAsItIsWithAKeyOfTheCallers) {
  auto producer = kafka::Producer::make(options);
  ASSERT_TRUE(producer) << producer.error().message;
  ASSERT_TRUE(producer->send("k", "{not json"));

  const auto messages = received(1);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].key, "k");
  EXPECT_EQ(messages[0].value, "{not json");
}

TEST_F(Produce, NamesASettingThatIsRefused) {
  options.sasl_mechanism = "MAGIC";

  const auto report = run({kUsers});

  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().message.find("Kafka"), 0U) << report.error().message;
}

}  // namespace
}  // namespace nx::client
