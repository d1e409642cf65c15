#pragma once
// A notification topic and a DLQ topic of one test, on the broker of tests/stack/with (NX_TEST_KAFKA).

#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "component/ingest/topic_clients.hpp"
#include "component/ingest/topics.hpp"
#include "kafka/record_reader.hpp"
#include "patience.hpp"
#include "replay/letter_replay.hpp"

namespace nx::replay {

using ingest::testing::message;
using ingest::testing::Sent;

class RealTopics : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* brokers = std::getenv("NX_TEST_KAFKA");
    ASSERT_NE(brokers, nullptr) << "run it through tests/stack/with";
    topics_.connection.brokers = brokers;
    topics_.connection.boot_timeout = std::chrono::seconds{10} * kPatience;
    topics_.patience = std::chrono::seconds{10} * kPatience;
    topics_.within = std::chrono::seconds{60} * kPatience;
    const std::string name = "replay-" + std::to_string(std::chrono::steady_clock::now().time_since_epoch().count());
    topics_.topic = name;
    topics_.dlq_topic = name + "-dlq";
    ingest::testing::Topics maker(brokers);
    maker.create(topics_.topic, 3);
    maker.create(topics_.dlq_topic, 2);
  }

  void send(const std::string& topic, const std::vector<Sent>& records) {
    ingest::testing::Producer(topics_.connection.brokers).send(topic, records);
  }

  /// A letter about the message at `partition`, `offset` of the notification topic.
  static Sent letter(const std::string& value, int partition, int offset, std::int64_t timestamp = 0) {
    return {.value = value,
            .partition = 0,
            .key = "k",
            .headers = {{"own", "header"},
                        {"signal.reason", "message: is cut"},
                        {"signal.topic", "notifications"},
                        {"signal.partition", std::to_string(partition)},
                        {"signal.offset", std::to_string(offset)},
                        {"signal.timestamp", "1796025600000"}},
            .timestamp = timestamp};
  }

  kafka::RecordReader reader(const std::string& topic) {
    auto opened = kafka::RecordReader::open(topics_.connection, {topic, "SETTING"}, topics_.patience);
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(*opened);
  }

  /// Everything that the topic has, by partition and offset.
  std::vector<kafka::StoredRecord> records(const std::string& topic) {
    auto from = reader(topic);
    std::vector<kafka::StoredRecord> found;
    const auto ranges = from.bounds();
    EXPECT_TRUE(ranges) << ranges.error().message;
    for (const kafka::OffsetRange& range : *ranges) {
      const auto read = from.read(range, [&found](kafka::StoredRecord&& record) {
        found.push_back(std::move(record));
        return true;
      });
      EXPECT_TRUE(read) << read.error().message;
    }
    return found;
  }

  Topics topics_;
};

}  // namespace nx::replay
