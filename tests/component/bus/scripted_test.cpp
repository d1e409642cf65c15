// What a Redis says seldom: a version without HELLO, a node that cannot now, a refusal of one message.

#include <deque>
#include <mutex>

#include <gmock/gmock.h>

#include "component/bus/peer.hpp"
#include "component/bus/scripted_redis.hpp"

namespace nx::bus::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// Answers as Redis does, and `publish` decides about messages that are no probes and announcements.
class Stage {
 public:
  using Publish = std::function<std::string(const Words&)>;
  explicit Stage(Publish publish, char type = '>') : publish_(std::move(publish)), type_(type) {}

  std::function<std::string()> role = [] { return "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n"; };
  std::string hello_refused = "-ERR unknown command `HELLO`\r\n";  // in the old protocol

  std::string operator()(const Words& command, int /*connection*/) {
    if (command[0] == "HELLO") return type_ == '>' ? "%1\r\n+server\r\n+redis\r\n" : hello_refused;
    if (command[0] == "ROLE") return role();
    if (command[0] == "AUTH") return "+OK\r\n";
    if (command[0] == "SUBSCRIBE" || command[0] == "PSUBSCRIBE") return ScriptedRedis::confirmed(command, type_);
    if (command[0] == "PING") return type_ == '>' ? "+PONG\r\n" : "*2\r\n$4\r\npong\r\n$0\r\n\r\n";
    if (command[1].starts_with("signal:probe:")) {
      redis->push(ScriptedRedis::message(command[1], command[2], type_));
      return ":1\r\n";
    }
    if (command[1] == "signal:instances") return ":1\r\n";
    return publish_(command);
  }

  ScriptedRedis* redis = nullptr;

 private:
  Publish publish_;
  char type_;
};

/// Stage and server together.
struct Scene {
  explicit Scene(Stage::Publish publish, char type = '>') : stage(std::move(publish), type) { stage.redis = &redis; }
  Stage stage;
  ScriptedRedis redis{[this](const Words& command, int number) { return stage(command, number); }};
};

TEST(ScriptedBus, AServerWithoutHelloIsSpokenToInTheOldProtocol) {
  Scene scene([](const Words&) { return ":1\r\n"; }, '*');
  Peer a(scene.redis.url(), "a");
  ASSERT_TRUE(a.connected());
  scene.redis.push_soon(ScriptedRedis::message("ws:broadcast", "hello", '*'));
  EXPECT_TRUE(eventually([&] { return a.messages().size() == 1; }));
  std::this_thread::sleep_for(2'500ms);  // a PING in between
  EXPECT_EQ(a.bus->stats().losses, 0U);
}

TEST(ScriptedBus, HelloRefusedInAnyWordsIsSpokenToInTheOldProtocol) {
  for (const char* words :
       {"-NOPERM this user has no permissions to run the 'hello' command\r\n",
        "-ERR Protocol version is not an integer or out of range\r\n", "-WHATEVER a proxy says\r\n"}) {
    Scene scene([](const Words&) { return ":1\r\n"; }, '*');
    scene.stage.hello_refused = words;
    Peer a(scene.redis.url(), "a");
    EXPECT_TRUE(a.connected()) << words << a.bus->problem();
  }
}

/// One link to the subscriber on which all comes in order and late, as on one that is slower than what is published.
class BusyLink {
 public:
  std::string operator()(const Words& command, int number) {
    if (command[0] == "HELLO") return "%1\r\n+server\r\n+redis\r\n";
    if (command[0] == "ROLE") return "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n";
    if (command[0] == "SUBSCRIBE" || command[0] == "PSUBSCRIBE") subscriber_ = number;
    std::string answer = command[0] == "PING" ? "+PONG\r\n" : ":1\r\n";
    if (number == subscriber_ && command[0] != "PING") answer = ScriptedRedis::confirmed(command, '>');
    if (command[0] == "PUBLISH") put(ScriptedRedis::message(command[1], command[2], '>'));
    if (number != subscriber_) return answer;
    put(answer);
    return "";
  }
  /// Takes what comes next from the queue, in order.
  std::string next() {
    const std::lock_guard lock(mutex_);
    if (queue_.empty()) return {};
    std::string first = std::move(queue_.front());
    queue_.pop_front();
    return first;
  }
  void put(std::string bytes) {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(bytes));
  }
  std::size_t waiting() const {
    const std::lock_guard lock(mutex_);
    return queue_.size();
  }

 private:
  std::atomic<int> subscriber_{0};
  mutable std::mutex mutex_;  // guards queue_
  std::deque<std::string> queue_;
};

TEST(ScriptedBus, ASubscriptionThatIsBusyWithWhatCameBeforeIsNotCutOff) {
  BusyLink link;
  ScriptedRedis redis([&link](const Words& command, int number) { return link(command, number); });
  std::atomic<std::int64_t> pause_ms{1};
  std::atomic<bool> over{false};
  std::thread slow([&] {
    while (!over) {
      if (std::string bytes = link.next(); !bytes.empty()) redis.push_soon(std::move(bytes));
      std::this_thread::sleep_for(std::chrono::milliseconds{pause_ms});
    }
  });
  {
    Peer a(redis.url(), "a");
    EXPECT_TRUE(a.connected()) << a.bus->problem();
    pause_ms = 100;
    constexpr std::size_t kMessages = 100;  // ten seconds of them, then the probes of that time
    for (std::size_t i = 0; i < kMessages; ++i)
      link.put(ScriptedRedis::message("ws:broadcast", std::to_string(i), '>'));
    EXPECT_TRUE(eventually([&] { return a.messages().size() == kMessages; }, 60s)) << a.messages().size();
    pause_ms = 1;
    EXPECT_TRUE(eventually([&] { return link.waiting() == 0; }));
    EXPECT_EQ(a.bus->stats().losses, 0U) << a.bus->problem();
    EXPECT_TRUE(a.bus->connected());
  }
  over = true;
  slow.join();
}

class ScriptedBusNotNow : public ::testing::TestWithParam<const char*> {};

TEST_P(ScriptedBusNotNow, AMessageWaitsForAServerThatCanNotNow) {
  std::atomic<int> asked{0};
  Scene scene([&asked](const Words&) -> std::string {
    return ++asked <= 2 ? "-" + std::string(GetParam()) + "\r\n" : ":1\r\n";
  });
  LogPipe pipe;
  Peer a(scene.redis.url(), "a", {}, *pipe.log);
  ASSERT_TRUE(a.connected());
  a.bus->publish("ws:user:u", "x");

  EXPECT_TRUE(eventually([&] { return asked == 3 && a.bus->stats().published >= 1; })) << asked;
  EXPECT_THAT(pipe.text(), HasSubstr(std::string(GetParam()).substr(0, 6)));
  EXPECT_EQ(a.bus->stats().refused, 0U);
  EXPECT_TRUE(a.connected());
}
INSTANTIATE_TEST_SUITE_P(Answers, ScriptedBusNotNow,
                         ::testing::Values("LOADING Redis is loading the dataset in memory", "MOVED 3999 127.0.0.1:1",
                                           "READONLY You can't write against a read only replica.",
                                           "CLUSTERDOWN The cluster is down", "MASTERDOWN Link with MASTER is down"));

TEST(ScriptedBus, WhatIsRefusedForGoodIsCountedAndHoldsNothingUp) {
  Scene scene([](const Words& command) -> std::string {
    return command[1] == "ws:user:u" ? "-NOPERM no permissions to access the 'ws:user:u' channel\r\n" : ":1\r\n";
  });
  LogPipe pipe;
  Peer a(scene.redis.url(), "a", {}, *pipe.log);
  ASSERT_TRUE(a.connected());
  a.bus->publish("ws:user:u", "x");
  a.bus->publish("ws:room:r", "y");

  EXPECT_TRUE(eventually([&] { return a.bus->stats().refused == 1; }));
  EXPECT_THAT(pipe.text(), HasSubstr("&ws:user:*"));
  EXPECT_TRUE(a.bus->connected());
}

TEST(ScriptedBus, WhatIsNotConfirmedIsSentAgain) {
  std::mutex mutex;
  std::vector<std::string> taken;
  std::atomic<int> asked{0};
  Scene scene([&](const Words& command) -> std::string {
    if (++asked == 2) return "close";
    const std::lock_guard lock(mutex);
    taken.push_back(command[2]);
    return ":1\r\n";
  });
  Peer a(scene.redis.url(), "a");
  ASSERT_TRUE(a.connected());
  for (const char* text : {"1", "2", "3"}) a.bus->publish("ws:user:u", text);

  EXPECT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return taken.size() == 3;
  }));
  const std::lock_guard lock(mutex);
  EXPECT_EQ(taken, (std::vector<std::string>{"1", "2", "3"}));
}

TEST(ScriptedBus, ASubscriptionThatIsNeverConfirmedIsTriedAnew) {
  std::atomic<int> subscriptions{0};
  ScriptedRedis redis([&](const Words& command, int) -> std::string {
    if (command[0] == "SUBSCRIBE") ++subscriptions;
    return command[0] == "HELLO" ? "+OK\r\n" : command[0] == "PUBLISH" ? ":0\r\n" : "";
  });
  LogPipe pipe;
  Peer a(redis.url(), "a", {}, *pipe.log);
  EXPECT_TRUE(eventually([&] { return subscriptions >= 2; }));
  EXPECT_THAT(pipe.text(), HasSubstr("a subscription is not confirmed"));
  EXPECT_FALSE(a.bus->connected());
}

/// The bytes of a push: they answer no command, and keep a connection from being silent.
const char* const kChatter = ">2\r\n+chatter\r\n+x\r\n";

TEST(ScriptedBus, AConnectionThatChattersAndAnswersNothingIsMadeAnew) {
  std::atomic<bool> mute{false};
  Scene scene([](const Words&) { return ":1\r\n"; });
  ScriptedRedis redis([&](const Words& command, int number) -> std::string {
    if (mute && (command[0] == "PUBLISH" || command[0] == "ROLE")) return kChatter;
    return scene.stage(command, number);
  });
  scene.stage.redis = &redis;
  LogPipe pipe;
  Peer a(
      redis.url(), "a", [](BusOptions& options) { options.answer_within = 3s; }, *pipe.log);
  ASSERT_TRUE(a.connected()) << a.bus->problem();
  mute = true;
  EXPECT_TRUE(eventually([&] { return a.bus->stats().losses > 0; }, 30s));
  EXPECT_THAT(pipe.text(), HasSubstr("no answer within 3000 ms"));
  mute = false;
  EXPECT_TRUE(eventually([&] { return a.bus->connected(); }, 30s)) << a.bus->problem();
}

TEST(ScriptedBus, ASubscriptionOfWhichAValueNeverEndsIsMadeAnew) {
  std::atomic<bool> endless{false};
  Scene scene([](const Words&) { return ":1\r\n"; });
  ScriptedRedis redis([&](const Words& command, int number) -> std::string {
    if (endless && command[0] == "PING") return "x";  // of the bulk string below
    return scene.stage(command, number);
  });
  scene.stage.redis = &redis;
  LogPipe pipe;
  Peer a(
      redis.url(), "a", [](BusOptions& options) { options.behind_at_most = 4s; }, *pipe.log);
  ASSERT_TRUE(a.connected()) << a.bus->problem();
  endless = true;
  redis.push_soon("$9000000000000\r\n");
  EXPECT_TRUE(eventually([&] { return a.bus->stats().losses > 0; }, 30s));
  EXPECT_THAT(pipe.text(), HasSubstr("a PING is not answered within 4000 ms"));
  endless = false;
  EXPECT_TRUE(eventually([&] { return a.bus->connected(); }, 30s)) << a.bus->problem();
}

TEST(ScriptedBus, NothingIsPublishedBeforeANodeHasSaidThatItIsAMaster) {
  std::atomic<bool> replica{true};
  std::atomic<int> asked{0}, swallowed{0}, taken{0};
  Scene scene([&](const Words&) -> std::string {
    ++(replica ? swallowed : taken);
    return replica ? ":0\r\n" : ":1\r\n";
  });
  scene.stage.role = [&]() -> std::string {
    ++asked;
    return replica ? "*5\r\n$5\r\nslave\r\n$9\r\n127.0.0.1\r\n:1\r\n$9\r\nconnected\r\n:7\r\n"
                   : "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n";
  };
  Peer a(scene.redis.url(), "a");
  a.bus->publish("ws:user:u", "x");  // waits already when the first connection opens

  EXPECT_TRUE(eventually([&] { return asked >= 3; })) << asked;
  EXPECT_EQ(swallowed, 0);
  replica = false;
  EXPECT_TRUE(eventually([&] { return taken == 1; }));
  EXPECT_TRUE(a.connected()) << a.bus->problem();
  EXPECT_EQ(swallowed, 0);
}

TEST(ScriptedBus, WhatIsNoRedisIsSaidToBeNone) {
  ScriptedRedis http([](const Words&, int) { return "HTTP/1.1 400 Bad Request\r\n"; });
  LogPipe pipe;
  Peer a(http.url(), "a", {}, *pipe.log);
  EXPECT_TRUE(eventually([&] { return pipe.text().find("not the Redis protocol") != std::string::npos; }));
}

}  // namespace
}  // namespace nx::bus::testing
