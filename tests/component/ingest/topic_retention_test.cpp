// Against the broker of tests/stack/with (NX_TEST_KAFKA).

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "ingest/broker_probe.hpp"

namespace nx::ingest {
namespace {

KafkaOptions real_broker(const std::string& topic) {
  const char* brokers = std::getenv("NX_TEST_KAFKA");
  EXPECT_NE(brokers, nullptr) << "run it through tests/stack/with";
  KafkaOptions options;
  options.brokers = brokers == nullptr ? "" : brokers;
  options.topic = topic;
  return options;
}

void make_topic(const std::string& topic, const std::string& retention_ms) {
  const std::string stack = std::string(SIGNAL_SOURCE_DIR) + "/tests/stack/kafka";
  const char* folder = std::getenv("NX_TEST_STACK");
  ASSERT_NE(folder, nullptr);
  const std::string command = stack + " " + folder + "/kafka topic --create --topic " + topic +
                              " --config retention.ms=" + retention_ms + " >/dev/null 2>&1";
  ASSERT_EQ(std::system(command.c_str()), 0);
}

}  // namespace

TEST(TopicRetention, IsWhatTheBrokerSays) {
  make_topic("retention.week", "604800000");
  const auto week = topic_retention(real_broker("retention.week"));
  ASSERT_TRUE(week) << week.error().message;
  EXPECT_EQ(*week, std::chrono::hours{7 * 24});
}

TEST(TopicRetention, ForEverIsNone) {
  make_topic("retention.never", "-1");
  const auto never = topic_retention(real_broker("retention.never"));
  ASSERT_TRUE(never) << never.error().message;
  EXPECT_FALSE(*never);
}

TEST(TopicRetention, AMissingTopicAndAnAbsentBrokerAreErrorsThatNameTheTopic) {
  const auto missing = topic_retention(real_broker("retention.missing"));
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("retention.missing"), std::string::npos);
  KafkaOptions away;
  away.brokers = "127.0.0.1:1";
  away.topic = "retention.away";
  away.boot_timeout = std::chrono::milliseconds{300};
  EXPECT_FALSE(topic_retention(away));
}

}  // namespace nx::ingest
