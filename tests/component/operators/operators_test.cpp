// Questions and answers over a real bus on a real Redis.

#include "operators/operators.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>

#include <gmock/gmock.h>

#include "bus/bus.hpp"
#include "component/eventually.hpp"
#include "component/redis_server.hpp"
#include "contract/bus_channels.hpp"
#include "crypto/random.hpp"

namespace nx::operators {
namespace {

using namespace std::chrono_literals;
using contract::ClientRecord;
using contract::Findings;
using nx::testing::eventually;
using nx::testing::RedisServer;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const observe::Logger kQuiet{{.level = observe::Level::error, .fd = -1}};

/// One instance: a bus, and a desk whose clients are a list.
class Desk {
 public:
  explicit Desk(const std::string& url, OperatorLimits limits = {}) {
    bus::BusOptions options;
    options.url = *redis::parse_redis_url(url);
    options.server_id = id;
    options.channels = {contract::kOperatorsChannel, contract::answers_channel(id)};
    bus = std::make_unique<bus::Bus>(std::move(options),
                                     bus::Bus::Receiver{.message =
                                                            [this](std::string_view channel, std::string_view message) {
                                                              channel == contract::kOperatorsChannel
                                                                  ? operators->receive_question(message)
                                                                  : operators->receive_answer(message);
                                                            },
                                                        .too_large = [](std::string_view, std::size_t) {}},
                                     kQuiet);
    OperatorCallbacks callbacks;
    callbacks.instance = id;
    callbacks.here = [this](const contract::OperatorAsk& ask, const std::function<void(Findings)>& done) {
      std::unique_lock lock(mutex_);
      asked_.push_back(ask);
      if (silent) return;
      const Findings found = findings;
      lock.unlock();
      done(found);
    };
    callbacks.publish = [this](std::string channel, std::string message) {
      bus->publish(std::move(channel), std::move(message));
    };
    callbacks.others = [this](std::function<void(OperatorCallbacks::Others)> told) {
      bus->ask_others([told = std::move(told)](std::vector<std::string> instances, bool connected) {
        told({std::move(instances), connected});
      });
    };
    operators = std::make_unique<Operators>(std::move(callbacks), limits, kQuiet);
    operators->start();
    bus->start("127.0.0.1:1");
  }
  ~Desk() {
    bus->stop(1s);
    operators->stop();
  }
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  std::optional<Gathered> ask(const contract::OperatorAsk& question) {
    struct Answer {
      std::mutex mutex;
      std::condition_variable changed;
      bool is_there = false;
      std::optional<Gathered> gathered;
    };
    const auto answer = std::make_shared<Answer>();
    operators->ask(question, [answer](std::optional<Gathered> gathered) {
      const std::lock_guard lock(answer->mutex);
      answer->gathered = std::move(gathered);
      answer->is_there = true;
      answer->changed.notify_all();
    });
    std::unique_lock lock(answer->mutex);
    EXPECT_TRUE(answer->changed.wait_for(lock, kPatience * 10s, [&] { return answer->is_there; }));
    return answer->gathered;
  }
  std::vector<contract::OperatorAsk> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  bool knows(std::size_t instances) {
    return eventually([&] { return bus->connected() && bus->stats().instances == instances; });
  }

  const std::string id = uuid_text(crypto::uuid_v4());
  std::unique_ptr<bus::Bus> bus;
  std::unique_ptr<Operators> operators;
  Findings findings;  // set before anybody asks
  std::atomic<bool> silent{false};

 private:
  std::mutex mutex_;  // guards asked_
  std::vector<contract::OperatorAsk> asked_;
};

ClientRecord client(int number, std::size_t room_bytes = 0) {
  std::string id = "7b1082a6-2f6d-4a0e-9d0b-52b1a1f9a000";
  id.replace(id.size() - 3, 3, std::to_string(100 + number));
  ClientRecord record;
  record.id = {id};
  record.user = {"u"};
  record.address = "192.0.2.1";
  for (std::size_t room = 0; room < room_bytes / 200; ++room) record.rooms.push_back({std::string(200, 'r')});
  return record;
}

TEST(Operators, EveryInstanceAnswersAndTheirClientsAreOneList) {
  RedisServer redis;
  Desk a(redis.url()), b(redis.url()), c(redis.url());
  a.findings = {.count = 2, .clients = {client(1), client(2)}};
  b.findings = {.count = 1, .clients = {client(3)}};
  ASSERT_TRUE(a.knows(3) && b.knows(3) && c.knows(3));

  const auto gathered = a.ask(contract::ListClients{});

  ASSERT_TRUE(gathered);
  EXPECT_EQ(gathered->count, 3);
  EXPECT_EQ(gathered->clients.size(), 3U);
  EXPECT_THAT(gathered->missing, IsEmpty());
  EXPECT_EQ(b.operators->stats().answered, 1U);
  EXPECT_EQ(a.asked().size(), 1U) << "its own question comes back and is not answered twice";
  EXPECT_EQ(c.ask(contract::ListClients{})->count, 3) << "any of them may be asked";
}

TEST(Operators, WhoDoesNotAnswerInTimeIsNamed) {
  RedisServer redis;
  Desk a(redis.url()), b(redis.url()), c(redis.url());
  a.findings = {.count = 1, .clients = {client(1)}};
  ASSERT_TRUE(a.knows(3));
  b.silent = true;

  const auto gathered = a.ask(contract::ListClients{});

  EXPECT_EQ(gathered->count, 1);
  EXPECT_THAT(gathered->missing, ElementsAre(b.id));
  EXPECT_EQ(a.operators->stats().missing, 1U);
}

TEST(Operators, WhatOneHasFoundIsNotWaitedForAtTheOthers) {
  RedisServer redis;
  Desk a(redis.url(), {.wait = 1h}), b(redis.url()), c(redis.url());
  b.findings = {.count = 1, .clients = {client(1)}};
  c.silent = true;
  ASSERT_TRUE(a.knows(3) && b.knows(3));

  const auto gathered = a.ask(contract::FindClient{client(1).id});

  EXPECT_EQ(gathered->count, 1);
  EXPECT_THAT(gathered->instances, ElementsAre(b.id));
  EXPECT_THAT(gathered->missing, IsEmpty());
}

TEST(Operators, WithoutRedisItsOwnClientsAreListedAtOnceAndTheOthersNamed) {
  RedisServer redis;
  Desk a(redis.url(), {.wait = 1h}), b(redis.url());
  a.findings = {.count = 1, .clients = {client(1)}};
  ASSERT_TRUE(a.knows(2));
  redis.end();
  ASSERT_TRUE(eventually([&] { return !a.bus->connected(); }));

  const auto gathered = a.ask(contract::ListClients{});

  EXPECT_EQ(gathered->count, 1);
  EXPECT_THAT(gathered->missing, ElementsAre(b.id));
}

TEST(Operators, WhatIsToBeDoneIsHeardWhenRedisIsBack) {
  RedisServer redis;
  Desk a(redis.url()), b(redis.url());
  ASSERT_TRUE(a.knows(2));
  redis.end();
  ASSERT_TRUE(eventually([&] { return !a.bus->connected(); }));
  const contract::OperatorAsk kick = contract::DisconnectUser{{"u"}, now_wall()};

  EXPECT_THAT(a.ask(kick)->missing, ElementsAre(b.id));

  redis.start();
  EXPECT_TRUE(eventually([&] { return b.asked() == std::vector{kick}; }));
}

TEST(Operators, APageOfLongClientsCrossesInSlices) {
  RedisServer redis;
  Desk a(redis.url()), b(redis.url());
  b.findings.count = 500;
  for (int i = 0; i < 101; ++i) b.findings.clients.push_back(client(i, 20'000));
  ASSERT_TRUE(a.knows(2) && b.knows(2));

  const auto gathered = a.ask(contract::ListClients{.filter = {}, .after = std::nullopt, .limit = 100});

  EXPECT_EQ(gathered->count, 500);
  EXPECT_EQ(gathered->clients.size(), 100U);
  EXPECT_TRUE(gathered->more);
  EXPECT_THAT(gathered->missing, IsEmpty());
}

TEST(Operators, MessagesThatNobodyOfUsMadeAreCountedAndDropped) {
  RedisServer redis;
  Desk a(redis.url()), b(redis.url());
  b.findings = {.count = 1, .clients = {client(1)}};
  ASSERT_TRUE(a.knows(2) && b.knows(2));
  const std::string channel(contract::kOperatorsChannel);
  a.bus->publish(channel, "x");
  a.bus->publish(channel, std::string(100'000, '['));
  a.bus->publish(channel,
                 contract::question_text({a.id, a.id, contract::DisconnectUser{{"u"}, {now_wall().value + 600'000}}}));
  a.bus->publish(contract::answers_channel(b.id), "{}");
  EXPECT_TRUE(eventually([&] { return b.operators->stats().malformed >= 3; }));

  EXPECT_EQ(a.ask(contract::ListClients{})->count, 1);
  EXPECT_THAT(b.asked(),
              ElementsAre(contract::OperatorAsk{contract::ListClients{.filter = {}, .after = {}, .limit = 11}}));
}

TEST(Operators, WhatIsUnansweredIsBounded) {
  RedisServer redis;
  Desk a(redis.url(), {.asked = 2, .wait = 1h});
  Desk b(redis.url(), {.answering = 3, .wait = 1h});
  a.silent = b.silent = true;
  ASSERT_TRUE(a.knows(2) && b.knows(2));
  for (int i = 0; i < 2; ++i) a.operators->ask(contract::ListClients{}, [](const auto&) {});

  EXPECT_EQ(a.ask(contract::ListClients{}), std::nullopt);

  const std::string channel(contract::kOperatorsChannel);
  for (int i = 0; i < 10; ++i) a.bus->publish(channel, contract::question_text({a.id, a.id, contract::ListClients{}}));
  EXPECT_TRUE(eventually([&] { return b.operators->stats().dropped == 9; }));
  EXPECT_EQ(b.asked().size(), 3U);
}

TEST(Operators, WhoEndsInOrderIsNotWaitedFor) {
  RedisServer redis;
  Desk a(redis.url(), {.wait = 1h});
  auto b = std::make_unique<Desk>(redis.url());
  ASSERT_TRUE(a.knows(2));
  b.reset();
  EXPECT_TRUE(a.knows(1));
  EXPECT_THAT(a.ask(contract::ListClients{})->missing, IsEmpty());
}

TEST(Operators, AloneItAnswersItself) {
  OperatorCallbacks callbacks;
  callbacks.instance = uuid_text(crypto::uuid_v4());
  callbacks.here = [](const contract::OperatorAsk&, const std::function<void(Findings)>& done) {
    done({.count = 1, .clients = {client(1)}});
  };
  Operators operators(callbacks, {.wait = 1h}, kQuiet);
  operators.start();
  std::atomic<std::int64_t> count{0};
  operators.ask(contract::ListClients{},
                [&count](const std::optional<Gathered>& gathered) { count = gathered->count; });
  EXPECT_TRUE(eventually([&] { return count == 1; }));
  operators.stop();
}

}  // namespace
}  // namespace nx::operators
