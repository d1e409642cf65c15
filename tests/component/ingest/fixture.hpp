#pragma once
// What the tests of ingest share: an embedded broker, clients of it, and a consumer over a repository kept in memory.

#include <chrono>
#include <memory>
#include <optional>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "component/eventually.hpp"
#include "component/ingest/memory_rows.hpp"
#include "component/ingest/topic_clients.hpp"
#include "delivery/notify.hpp"
#include "ingest/kafka_consumer.hpp"
#include "kafka/embedded_broker.hpp"
#include "resolve/recipient_resolver.hpp"

namespace nx::ingest::testing {

inline const observe::Logger kQuiet{{.level = observe::Level::error}};

using nx::testing::eventually;

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
      workers.push_back(&sides_.emplace_back(std::make_unique<Side>(policies, rows, push))->notify);
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
  /// Of both workers; set before the consumer starts. By default everybody is connected here.
  delivery::PushHint push = [](const auto&, const auto& to, const auto&) {
    return delivery::Pushed{.here = to.size()};
  };

 private:
  static constexpr int kWorkers = 2;

  /// What one worker has for itself.
  struct Side {
    Side(NoPolicies& policies, MemoryRows& rows, const delivery::PushHint& push)
        : resolver(policies), notify(resolver, rows, push, {}, kQuiet) {}
    resolve::RecipientResolver resolver;
    delivery::Notify notify;
  };
  std::vector<std::unique_ptr<Side>> sides_;
};

}  // namespace nx::ingest::testing
