#pragma once
// A producer and a reader of the tests' own.

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "kafka/handle.hpp"

namespace nx::ingest::testing {

struct Sent {
  std::string value;
  std::int32_t partition = RD_KAFKA_PARTITION_UA;
  std::string key = {};
  std::map<std::string, std::string> headers = {};
  std::int64_t timestamp = 0;  // 0: now
};

inline std::string message(const std::string& title, const std::string& more = "") {
  return R"({"recipientScope":"users","recipientIds":["u1"],"type":"t","title":")" + title + '"' + more + '}';
}

/// Queues one message. Null when it went well.
inline rd_kafka_error_t* produce(rd_kafka_t* client, const std::string& topic, const Sent& one) {
  std::vector<rd_kafka_vu_t> parts(6);
  parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  parts[0].u.cstr = topic.c_str();
  parts[1].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  parts[1].u.i = RD_KAFKA_MSG_F_COPY;
  parts[2].vtype = RD_KAFKA_VTYPE_PARTITION;
  parts[2].u.i32 = one.partition;
  parts[3].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[3].u.mem = {const_cast<char*>(one.value.data()), one.value.size()};
  parts[4].vtype = RD_KAFKA_VTYPE_KEY;
  parts[4].u.mem = {const_cast<char*>(one.key.data()), one.key.size()};
  parts[5].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
  parts[5].u.i64 = one.timestamp;
  for (const auto& [name, value] : one.headers) {
    rd_kafka_vu_t header{};
    header.vtype = RD_KAFKA_VTYPE_HEADER;
    header.u.header.name = name.c_str();
    header.u.header.val = value.data();
    header.u.header.size = static_cast<ssize_t>(value.size());
    parts.push_back(header);
  }
  return rd_kafka_produceva(client, parts.data(), parts.size());
}

class Producer {
 public:
  explicit Producer(const std::string& brokers, const std::string& codec = "none") {
    kafka::ConfHandle conf{rd_kafka_conf_new()};
    EXPECT_TRUE(kafka::set(conf.get(), "bootstrap.servers", brokers));
    EXPECT_TRUE(kafka::set(conf.get(), "message.max.bytes", codec == "none" ? "4000000" : "1000000000"));
    EXPECT_TRUE(kafka::set(conf.get(), "compression.codec", codec));
    rd_kafka_conf_set_log_cb(conf.get(), nullptr);
    client_ = std::move(*kafka::make_client(RD_KAFKA_PRODUCER, std::move(conf)));
  }
  /// Confirmed by the broker when it returns.
  void send(const std::string& topic, const std::vector<Sent>& messages) {
    for (const Sent& one : messages) {
      const kafka::Handle<rd_kafka_error_t> error{produce(client_.get(), topic, one)};
      ASSERT_FALSE(error) << rd_kafka_error_string(error.get());
    }
    ASSERT_EQ(rd_kafka_flush(client_.get(), 10'000), RD_KAFKA_RESP_ERR_NO_ERROR);
  }

 private:
  kafka::ClientHandle client_;
};

struct Read {
  std::string key, value;
  std::map<std::string, std::string> headers;
};

/// The first `count` messages of a topic with one partition, without a group.
inline std::vector<Read> read_all(const std::string& brokers, const std::string& topic, std::size_t count) {
  kafka::ConfHandle conf{rd_kafka_conf_new()};
  EXPECT_TRUE(kafka::set(conf.get(), "bootstrap.servers", brokers));
  EXPECT_TRUE(kafka::set(conf.get(), "group.id", "reader"));
  const kafka::ClientHandle client = std::move(*kafka::make_client(RD_KAFKA_CONSUMER, std::move(conf)));
  const kafka::PartitionList list{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), 0)->offset = 0;
  rd_kafka_assign(client.get(), list.get());
  std::vector<Read> found;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (found.size() < count && std::chrono::steady_clock::now() < deadline) {
    const kafka::MessageHandle message{rd_kafka_consumer_poll(client.get(), 100)};
    if (!message || message->err) continue;
    Read one{.key = {static_cast<const char*>(message->key), message->key_len},
             .value = {static_cast<const char*>(message->payload), message->len},
             .headers = {}};
    rd_kafka_headers_t* headers = nullptr;
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    if (!rd_kafka_message_headers(message.get(), &headers)) {
      for (std::size_t i = 0; !rd_kafka_header_get_all(headers, i, &name, &value, &size); ++i) {
        one.headers[name] = {static_cast<const char*>(value), size};
      }
    }
    found.push_back(std::move(one));
  }
  return found;
}

/// What the group has committed, over three partitions: the number of messages, as each partition starts at 0.
inline std::int64_t committed(const std::string& brokers, const std::string& topic,
                              const std::string& group = "signal") {
  kafka::ConfHandle conf{rd_kafka_conf_new()};
  EXPECT_TRUE(kafka::set(conf.get(), "bootstrap.servers", brokers));
  EXPECT_TRUE(kafka::set(conf.get(), "group.id", group));
  const kafka::ClientHandle client = std::move(*kafka::make_client(RD_KAFKA_CONSUMER, std::move(conf)));
  const kafka::PartitionList list{rd_kafka_topic_partition_list_new(3)};
  rd_kafka_topic_partition_list_add_range(list.get(), topic.c_str(), 0, 2);
  if (rd_kafka_committed(client.get(), list.get(), 5'000) != RD_KAFKA_RESP_ERR_NO_ERROR) return -1;
  std::int64_t sum = 0;
  for (int i = 0; i < list->cnt; ++i) sum += std::max<std::int64_t>(list->elems[i].offset, 0);
  return sum;
}

}  // namespace nx::ingest::testing
