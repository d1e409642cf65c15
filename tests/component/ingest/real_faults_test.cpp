// Faults of the broker under load: nothing lost, nothing stored twice, and on it goes by itself.

#include "component/ingest/hanging_resolver.hpp"
#include "component/ingest/real_kafka.hpp"

namespace nx::ingest::testing {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Waits until more than `before` are stored and prints how long that took.
void expect_resumes(const MemoryRows& rows, const char* after, Clock::time_point end_of_fault) {
  const std::size_t before = rows.stored();
  EXPECT_TRUE(eventually([&] { return rows.stored() > before; }, seconds{30})) << after;
  const double took = seconds_since(end_of_fault);
  std::printf("%s: resumed after %.1f s\n", after, took);
  EXPECT_LT(took, kPatience * 10) << after;
}

class RealFaults : public RealKafka {};

TEST_F(RealFaults, ABrokerThatIsKilledAndOneThatHangsUnderLoad) {
  OwnBroker own;
  Topics{own.listeners().plaintext}.create(topic, 3);
  auto chosen = options();
  chosen.brokers = own.listeners().plaintext;
  chosen.boot_timeout = seconds{60};
  auto instance = start(chosen);
  Load load{own.listeners().plaintext, topic, 200};
  ASSERT_TRUE(eventually([this] { return rows.stored() > 100; }));

  own.kill9();
  EXPECT_TRUE(eventually([&] { return !instance->consumer().ready(); }));
  own.start();
  expect_resumes(rows, "kafka killed with -9 and started again", Clock::now());
  EXPECT_TRUE(eventually([&] { return instance->consumer().ready(); }));

  own.pause();
  std::this_thread::sleep_for(seconds{8});  // longer than the session time-out
  EXPECT_FALSE(instance->consumer().ready());
  own.resume();
  expect_resumes(rows, "kafka stopped for 8 s", Clock::now());

  const int sent = load.finish();
  EXPECT_TRUE(eventually([&] { return rows.titles().size() == static_cast<std::size_t>(sent); }, seconds{30}));
  expect_each_once(rows, sent);
  EXPECT_TRUE(eventually([&] { return instance->consumer().ready(); }));
  std::printf("%d messages, %zu redelivered\n", sent, rows.redelivered());

  own.pause();
  const auto stopping = Clock::now();
  instance.reset();
  std::printf("stopped beside a hanging broker in %.1f s\n", seconds_since(stopping));
  EXPECT_LT(seconds_since(stopping), kPatience * 10);
}

// librdkafka's threads sit in the look-up, and answer nothing that is asked of them.
TEST_F(RealFaults, LettersThatANameLookUpHoldsUpDoNotStopTheConsumer) {
  OwnBroker own;
  const std::string dlq = unique_name("dead");
  Topics{own.listeners().plaintext}.create(topic, 1);
  Topics{own.listeners().plaintext}.create(dlq, 1);
  auto chosen = options();
  chosen.brokers = own.listeners().plaintext;
  chosen.dlq_topic = dlq;
  chosen.boot_timeout = seconds{60};
  auto instance = start(chosen);
  std::vector<Sent> bad(3'000, {.value = "{bad", .partition = 0});
  Producer{own.listeners().plaintext}.send(topic, bad);
  ASSERT_TRUE(eventually([&] { return instance->consumer().stats().dlq > 100; }));
  {
    const HangingResolver hanging;
    own.kill9();
    ASSERT_LT(instance->consumer().stats().dlq, bad.size()) << "too late: nothing was in hand";
    EXPECT_TRUE(eventually([&] { return book.says("dead letters held back"); }, seconds{40}));
    EXPECT_TRUE(eventually([&] { return !instance->consumer().ready(); }, seconds{40}));
  }
  own.start();
  EXPECT_TRUE(eventually([&] { return instance->consumer().stats().poison >= bad.size(); }, seconds{120}));
  EXPECT_EQ(instance->consumer().stats().dlq_lost, 0U);
}

// Its coordinator is away for longer than its session while a commit is under way, and still knows it afterwards.
TEST_F(RealFaults, AStaticMemberOutlivesABrokerThatIsAwayForLongerThanItsSession) {
  OwnBroker own;
  Topics{own.listeners().plaintext}.create(topic, 3);
  auto chosen = options();
  chosen.brokers = own.listeners().plaintext;
  chosen.boot_timeout = seconds{60};
  chosen.instance_id = "signal-0";
  const auto instance = start(chosen);
  Load load{own.listeners().plaintext, topic, 200};
  ASSERT_TRUE(eventually([this] { return rows.stored() > 100; }));
  own.kill9();
  std::this_thread::sleep_for(chosen.session_timeout + seconds{3});
  own.start();
  expect_resumes(rows, "kafka away for longer than a static member's session", Clock::now());
  EXPECT_FALSE(instance->consumer().failure()) << *instance->consumer().failure();
  const int sent = load.finish();
  EXPECT_TRUE(eventually([&] { return rows.titles().size() == static_cast<std::size_t>(sent); }, seconds{30}));
  expect_each_once(rows, sent);
}

TEST_F(RealFaults, ATopicAndThenAGroupThatAreForbiddenForAWhile) {
  topics.create(topic, 3);
  auto chosen = options();
  chosen.brokers = broker.sasl;
  chosen.sasl_mechanism = "PLAIN";
  chosen.sasl_username = "signal";
  chosen.sasl_password = "signal-secret";
  const auto instance = start(chosen);
  std::size_t sent = 0;
  const auto flows = [&] {
    send({{.value = message("n" + std::to_string(sent++)), .partition = 0}});
    return eventually([&] { return rows.stored() == sent && instance->consumer().ready(); }, seconds{30});
  };
  ASSERT_TRUE(flows());
  for (const auto& [type, name] :
       {std::pair{RD_KAFKA_RESOURCE_TOPIC, topic}, std::pair{RD_KAFKA_RESOURCE_GROUP, group}}) {
    topics.forbid(type, name);
    EXPECT_TRUE(eventually([&] { return !instance->consumer().ready(); }, seconds{30})) << name;
    std::this_thread::sleep_for(seconds{2});
    EXPECT_FALSE(instance->consumer().ready()) << name;
    topics.allow(type, name);
    EXPECT_TRUE(eventually([&] { return instance->consumer().ready(); }, seconds{30}))
        << name << ", nothing being sent";
    EXPECT_TRUE(flows()) << name;
  }
  EXPECT_FALSE(instance->consumer().failure()) << *instance->consumer().failure();
}

}  // namespace
}  // namespace nx::ingest::testing
