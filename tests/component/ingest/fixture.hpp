#pragma once
// What the tests of ingest share: an embedded broker, a producer and a reader of their own, and a repository kept in
// memory.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <stdexcept>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "component/eventually.hpp"
#include "delivery/notify.hpp"
#include "fakes/empty_repositories.hpp"
#include "ingest/kafka_consumer.hpp"
#include "kafka/embedded_broker.hpp"
#include "kafka/handle.hpp"
#include "resolve/recipient_resolver.hpp"

namespace nx::ingest::testing {

inline const observe::Logger kQuiet{{.level = observe::Level::error}};

using nx::testing::eventually;

/// Nobody is in any organisation: the tests use the scope `users`.
class NoPolicies final : public nx::fakes::EmptyPolicies {
 public:
  std::chrono::milliseconds delay{0};  // of each look at an organizer; set before the consumer starts

  Result<std::vector<UserId>> users_of_organizer(const std::string&, std::size_t) override {
    std::this_thread::sleep_for(delay);
    return std::vector<UserId>{};
  }
};

/// Keeps titles by source and key, and can be away. Any thread may look while the consumer's writes.
class MemoryRows final : public nx::fakes::EmptyNotifications {
 public:
  Result<std::vector<store::IngestResult>> ingest(std::span<const store::NewNotification> batch) override {
    std::chrono::milliseconds delay{};
    {
      const std::lock_guard lock{mutex_};
      ++calls_;
      delay = delay_;
    }
    std::this_thread::sleep_for(delay);
    wait_while_hanging(batch);
    const std::lock_guard lock{mutex_};
    if (has(batch, away_title_)) return fail(ErrorKind::unavailable, "database unavailable for one");
    if (away_) return fail(ErrorKind::unavailable, "database unavailable");
    for (const auto& one : batch) {
      if (one.activity.title == broken_title) throw std::logic_error("broken on purpose");
      if (one.activity.title == refused_title) return fail(ErrorKind::invalid, "value refused");
    }
    std::vector<store::IngestResult> results;
    for (const auto& one : batch) {
      store::IngestResult result;
      if (sources_.contains(one.activity.source)) {
        result.outcome = store::IngestOutcome::redelivered;
        ++redelivered_;
      } else if (one.activity.key && !keys_.insert(one.activity.type + '\n' + *one.activity.key).second) {
        result.outcome = store::IngestOutcome::known_key;
      } else {
        sources_.insert(one.activity.source);
        order_.push_back(one.activity.source);
        ++titles_[one.activity.title];
      }
      results.push_back(std::move(result));
    }
    return results;
  }
  void set_away(bool away) {
    const std::lock_guard lock{mutex_};
    away_ = away;
  }
  /// For batches with this title alone; empty: for none.
  void set_away_for(const std::string& title) {
    const std::lock_guard lock{mutex_};
    away_title_ = title;
  }
  /// Calls with this title wait until they are let go on.
  void hang_for(const std::string& title) {
    const std::lock_guard lock{mutex_};
    hanging_title_ = title;
  }
  void let_go_on() { hang_for(""); }
  std::size_t hanging() const { return hanging_.load(); }  // calls that wait now
  /// How long each call takes.
  void set_delay(std::chrono::milliseconds delay) {
    const std::lock_guard lock{mutex_};
    delay_ = delay;
  }
  std::size_t stored() const {
    const std::lock_guard lock{mutex_};
    return sources_.size();
  }
  std::size_t calls() const {
    const std::lock_guard lock{mutex_};
    return calls_;
  }
  std::size_t redelivered() const {
    const std::lock_guard lock{mutex_};
    return redelivered_;
  }
  std::map<std::string, int> titles() const {
    const std::lock_guard lock{mutex_};
    return titles_;
  }

  std::vector<std::string> order() const {
    const std::lock_guard lock{mutex_};
    return order_;
  }

  std::string refused_title, broken_title;  // set before the consumer starts

 private:
  static bool has(std::span<const store::NewNotification> batch, const std::string& title) {
    return !title.empty() &&
           std::any_of(batch.begin(), batch.end(), [&](const auto& one) { return one.activity.title == title; });
  }
  void wait_while_hanging(std::span<const store::NewNotification> batch) {
    const auto hangs = [this, batch] {
      const std::lock_guard lock{mutex_};
      return has(batch, hanging_title_);
    };
    if (!hangs()) return;
    ++hanging_;
    while (hangs()) std::this_thread::sleep_for(std::chrono::milliseconds{10});
    --hanging_;
  }

  std::atomic<std::size_t> hanging_{0};
  mutable std::mutex mutex_;  // guards all below
  bool away_ = false;
  std::string away_title_, hanging_title_;
  std::chrono::milliseconds delay_{0};
  std::size_t calls_ = 0, redelivered_ = 0;
  std::set<std::string> sources_, keys_;
  std::map<std::string, int> titles_;
  std::vector<std::string> order_;  // sources as they were stored
};

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

class Ingest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto started = kafka::EmbeddedBroker::start();
    ASSERT_TRUE(started);
    broker.emplace(std::move(*started));
    ASSERT_TRUE(broker->create_topic(kTopic));
    producer.emplace(broker->bootstrap());
  }

  KafkaOptions options() const {
    KafkaOptions chosen;
    chosen.brokers = broker->bootstrap();
    chosen.boot_timeout = std::chrono::seconds{60};
    chosen.commit_interval = std::chrono::milliseconds{100};
    chosen.session_timeout = std::chrono::seconds{6};
    return chosen;
  }
  std::unique_ptr<KafkaConsumer> make(const KafkaOptions& chosen) {
    std::vector<delivery::Notify*> workers;
    for (int i = 0; i < kWorkers; ++i) {
      workers.push_back(&sides_.emplace_back(std::make_unique<Side>(policies, rows))->notify);
    }
    return std::make_unique<KafkaConsumer>(chosen, std::move(workers), kQuiet);
  }
  std::unique_ptr<KafkaConsumer> start(const KafkaOptions& chosen) {
    auto consumer = make(chosen);
    const auto started = consumer->start();
    EXPECT_TRUE(started) << started.error().message;
    return consumer;
  }

  static constexpr const char* kTopic = "signal.activity-notification";

  std::optional<kafka::EmbeddedBroker> broker;
  std::optional<Producer> producer;
  NoPolicies policies;
  MemoryRows rows;

 private:
  static constexpr int kWorkers = 2;

  /// What one worker has for itself.
  struct Side {
    Side(NoPolicies& policies, MemoryRows& rows)
        : resolver(policies),
          notify(
              resolver, rows, [](const auto&, const auto& to, EpochMs) { return delivery::Pushed{.here = to.size()}; },
              {}, kQuiet) {}
    resolve::RecipientResolver resolver;
    delivery::Notify notify;
  };
  std::vector<std::unique_ptr<Side>> sides_;
};

}  // namespace nx::ingest::testing
