// Boot against a real broker: each way in, and each way to be kept out.

#include "component/ingest/real_kafka.hpp"

namespace nx::ingest::testing {
namespace {

using std::chrono::milliseconds;

class RealBoot : public RealKafka {
 protected:
  void SetUp() override { topics.create(topic, 3); }

  /// Starts, stores one message, ends.
  void expect_works(const KafkaOptions& chosen) {
    send({{.value = message("hello"), .partition = 0}});
    const auto instance = start(chosen);
    EXPECT_TRUE(eventually([this] { return rows.stored() == 1; }));
    EXPECT_TRUE(instance->consumer().ready());
    (*instance)->stop();
    EXPECT_FALSE(book.says("signal-secret"));
  }

  /// The error of a start that must fail.
  std::string refusal(const KafkaOptions& chosen) {
    const auto begin = std::chrono::steady_clock::now();
    Instance instance{chosen, rows, book.log()};
    const auto started = instance.start();
    EXPECT_FALSE(started);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, kPatience * (chosen.boot_timeout + std::chrono::seconds{2}));
    const std::string said = started ? "" : started.error().message;
    EXPECT_EQ(said.find("wrong-secret"), std::string::npos) << said;
    EXPECT_FALSE(book.says("wrong-secret"));
    std::printf("refused: %s\n", said.c_str());
    return said;
  }

  KafkaOptions sasl(const std::string& mechanism, const std::string& password = "signal-secret") const {
    auto chosen = options();
    chosen.brokers = broker.sasl;
    chosen.sasl_mechanism = mechanism;
    chosen.sasl_username = "signal";
    chosen.sasl_password = password;
    return chosen;
  }
  KafkaOptions tls() const {
    auto chosen = options();
    chosen.brokers = broker.ssl;
    chosen.tls = true;
    chosen.tls_ca = broker.ca;
    return chosen;
  }
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(RealBoot, SaslPlain) {
  expect_works(sasl("PLAIN"));
}
TEST_F(RealBoot, SaslScramSha256) {
  expect_works(sasl("SCRAM-SHA-256"));
}
TEST_F(RealBoot, SaslScramSha512) {
  expect_works(sasl("SCRAM-SHA-512"));
}
TEST_F(RealBoot, TlsWithTheBrokersCa) {
  expect_works(tls());
}

TEST_F(RealBoot, AWrongPasswordIsRefusedAndNamesTheSettings) {
  for (const char* mechanism : {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"}) {
    const std::string said = refusal(sasl(mechanism, "wrong-secret"));
    EXPECT_TRUE(has(said, "refuse the credentials")) << said;
    EXPECT_TRUE(has(said, "SIGNAL_KAFKA_SASL_PASSWORD")) << said;
  }
}

TEST_F(RealBoot, CredentialsForAListenerThatTakesNone) {
  auto chosen = sasl("PLAIN");
  chosen.brokers = broker.plaintext;
  chosen.boot_timeout = milliseconds{1'500};
  const std::string said = refusal(chosen);
  EXPECT_TRUE(has(said, "SIGNAL_KAFKA_SASL_MECHANISM")) << said;
}

TEST_F(RealBoot, NoCredentialsForAListenerThatWantsThem) {
  auto chosen = options();
  chosen.brokers = broker.sasl;
  chosen.boot_timeout = milliseconds{1'500};
  const std::string said = refusal(chosen);
  EXPECT_TRUE(has(said, "SIGNAL_KAFKA_SASL_MECHANISM")) << said;
}

TEST_F(RealBoot, ACertificateOfAnUnknownAuthorityNamesTheCaSetting) {
  auto chosen = tls();
  chosen.tls_ca.clear();
  chosen.boot_timeout = milliseconds{1'500};
  const std::string said = refusal(chosen);
  EXPECT_TRUE(has(said, "SIGNAL_KAFKA_TLS_CA")) << said;
}

TEST_F(RealBoot, ACaFileThatIsNotThereNamesItAndItsSetting) {
  auto chosen = tls();
  chosen.tls_ca = "/nowhere/ca.pem";
  const std::string said = refusal(chosen);
  EXPECT_TRUE(has(said, "SIGNAL_KAFKA_TLS_CA")) << said;
  EXPECT_TRUE(has(said, "/nowhere/ca.pem")) << said;
}

TEST_F(RealBoot, ACaFileThatIsNoPemNamesTheSetting) {
  auto chosen = tls();
  chosen.tls_ca = SIGNAL_SOURCE_DIR "/README.md";
  const std::string said = refusal(chosen);
  EXPECT_TRUE(has(said, "SIGNAL_KAFKA_TLS_CA")) << said;
}

TEST_F(RealBoot, TlsToAListenerThatSpeaksNoneNamesTheSetting) {
  auto chosen = tls();
  chosen.brokers = broker.plaintext;
  chosen.boot_timeout = milliseconds{1'500};
  const std::string said = refusal(chosen);
  EXPECT_TRUE(has(said, "SIGNAL_KAFKA_TLS")) << said;
}

TEST_F(RealBoot, BrokersThatAreNotThereWithinTheBootTimeOut) {
  auto chosen = options();
  chosen.brokers = "127.0.0.1:9";
  chosen.boot_timeout = milliseconds{800};
  const std::string said = refusal(chosen);
  EXPECT_TRUE(has(said, "127.0.0.1:9 not reachable within 800 ms")) << said;
  EXPECT_TRUE(has(said, "SIGNAL_KAFKA_BROKERS")) << said;
}

TEST_F(RealBoot, AMissingTopicAndAMissingDeadLetterTopic) {
  auto chosen = options();
  chosen.topic = "missing";
  EXPECT_EQ(refusal(chosen), "Kafka topic 'missing' does not exist; create it or change SIGNAL_KAFKA_TOPIC");
  chosen = options();
  chosen.dlq_topic = "missing";
  EXPECT_EQ(refusal(chosen), "Kafka topic 'missing' does not exist; create it or change SIGNAL_KAFKA_DLQ_TOPIC");
}

TEST_F(RealBoot, AGroupThatSpeaksAnotherProtocolEndsItWithTheReason) {
  auto other = options();
  other.assignor = "range";
  const auto first = start(other);
  ASSERT_TRUE(eventually([&] { return first->consumer().stats().assigned_partitions == 3; }));

  const auto second = start(options());

  ASSERT_TRUE(eventually([&] { return second->consumer().failure().has_value(); }));
  const std::string said = *second->consumer().failure();
  EXPECT_TRUE(has(said, "SIGNAL_KAFKA_ASSIGNOR")) << said;
  EXPECT_TRUE(has(said, group)) << said;
  EXPECT_FALSE(second->consumer().ready());
  EXPECT_TRUE(first->consumer().ready());
}

TEST_F(RealBoot, ASessionTimeOutThatTheBrokerForbids) {
  auto chosen = options();
  chosen.session_timeout = milliseconds{500};  // the broker's group.min.session.timeout.ms is 1000
  const auto instance = start(chosen);
  ASSERT_TRUE(eventually([&] { return instance->consumer().failure().has_value(); }));
  EXPECT_TRUE(has(*instance->consumer().failure(), "SIGNAL_KAFKA_SESSION_TIMEOUT_MS"));
}

}  // namespace
}  // namespace nx::ingest::testing
