// No push and no storm holds up the others: what is served between two pieces of it. The HTTP handler runs on the
// shard, so a test knows there what has been done and what has not.

#include <algorithm>
#include <atomic>

#include <sys/socket.h>

#include "certificate.hpp"
#include "client_hello.hpp"
#include "gateway_fixture.hpp"

namespace nx::gateway {

namespace {

constexpr const char* kFirst = "GET /first HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr const char* kSecond = "GET /second HTTP/1.1\r\nHost: x\r\n\r\n";

}  // namespace

/// `first` runs on the shard when /first is asked, `second` likewise; both answer 200.
class TurnTest : public GatewayTest {
 protected:
  TurnTest() {
    options.workers = 1;
    options.max_connections_per_user = 0;
    handler = [this](transport::HttpRequest request, runtime::EventLoop&, const transport::Respond& respond) {
      (request.path == "/first" ? first : second)();
      respond(transport::HttpResponse{});
    };
  }
  ~TurnTest() override { gateway.reset(); }  // its shard calls `first` and `second`

  /// Frames that the shard had sealed when the second request was served, which came right behind the first.
  std::uint64_t frames_before_the_second() {
    TestClient one(gateway->port());
    TestClient two(gateway->port());
    two.send_raw(kSecond);  // so that the connection is accepted and warm
    EXPECT_FALSE(two.read_response().empty());
    const auto publish = first;
    first = [&] {
      publish();
      two.send_raw(kSecond);
    };
    std::atomic<std::uint64_t> frames{0};
    const std::uint64_t before = gateway->stats().frames_out;
    second = [&] { frames = gateway->stats().frames_out - before; };
    one.send_raw(kFirst);
    EXPECT_TRUE(two.read_response().starts_with("HTTP/1.1 200 "));
    return frames;
  }

  std::function<void()> first = [] {};
  std::function<void()> second = [] {};
};

TEST_F(TurnTest, AHintToManyIsSealedInTurnsAndOthersAreServedBetween) {
  options.turn_time = std::chrono::hours(1);
  options.turn_bytes = 100'000;
  start();
  std::vector<TestClient> clients;
  std::vector<fanout::HintRecipient> recipients;
  for (int i = 0; i < 60; ++i) {
    const std::string user = "u" + std::to_string(i);
    clients.push_back(client("\"" + user + "\""));
    recipients.push_back({{user}, 1, 1});
  }
  const auto head = payload(R"({"event":"e","data":")" + std::string(31'000, 'x') + "\"");
  first = [&] { gateway->fan_out().hint(head, recipients, {now_wall()}); };
  EXPECT_LE(frames_before_the_second(), 12U);  // two turns of a piece of six
  for (TestClient& each : clients) EXPECT_GT(each.receive().size(), 31'000U);
}

TEST_F(TurnTest, ALargeBroadcastIsSealedInTurnsAndOthersAreServedBetween) {
  options.turn_time = std::chrono::hours(1);
  options.turn_bytes = 500'000;
  start();
  std::vector<TestClient> clients;
  for (int i = 0; i < 40; ++i) clients.push_back(client());
  const auto text = payload(std::string(250'000, 'x'));
  first = [&] { gateway->fan_out().to_everyone(text); };
  EXPECT_LE(frames_before_the_second(), 4U);
  for (TestClient& each : clients) EXPECT_EQ(each.receive().size(), text->size());
}

TEST_F(TurnTest, TimersOfOneTickAreSpreadOverTurns) {
  options.turn_time = std::chrono::microseconds(0);  // one timer a turn
  options.session.auth_timeout = std::chrono::milliseconds(1'500);
  start();
  constexpr std::uint64_t kSilent = 40;
  std::vector<TestClient> clients;
  for (std::uint64_t i = 0; i < kSilent; ++i) {
    clients.emplace_back(gateway->port());
    ASSERT_EQ(clients.back().upgrade(), 101);
  }
  const std::uint64_t before = gateway->stats().turns_cut;
  for (TestClient& each : clients) EXPECT_TRUE(each.receive().starts_with("close ")) << "its time is up";
  EXPECT_GE(gateway->stats().turns_cut - before, kSilent / 2);  // the last of a tick cuts none
}

TEST_F(TurnTest, TheEndOfEveryConnectionIsSpreadOverTurns) {
  options.turn_time = std::chrono::microseconds(0);
  options.shutdown_grace = std::chrono::milliseconds(0);
  start();
  constexpr std::uint64_t kClients = 40;
  std::vector<TestClient> clients;
  for (std::uint64_t i = 0; i < kClients; ++i) clients.push_back(client());
  const std::uint64_t before = gateway->stats().turns_cut;
  gateway->stop();
  EXPECT_GE(gateway->stats().turns_cut - before, kClients);
  for (TestClient& each : clients) EXPECT_EQ(each.receive(), "end");
}

TEST_F(TurnTest, TlsHandshakesWaitInAQueueOfTheirOwn) {
  const Certificate certificate;
  options.tls_cert = certificate.cert_path();
  options.tls_key = certificate.key_path();
  options.turn_time = std::chrono::microseconds(0);  // one piece a turn
  start();
  std::vector<TestClient> strangers;
  for (int i = 0; i < 20; ++i) strangers.emplace_back(gateway->port());
  TestClient one(gateway->port(), TestClient::Tls::on);
  TestClient two(gateway->port(), TestClient::Tls::on);
  two.send_raw(kSecond);
  ASSERT_FALSE(two.read_response().empty());
  ASSERT_TRUE(eventually([&] { return gateway->stats().accepted == 22; }));
  const std::string hello = client_hello();
  first = [&] {
    for (TestClient& stranger : strangers) stranger.send_raw(hello);
    two.send_raw(kSecond);
  };
  std::atomic<int> answered{0};
  second = [&] {
    for (const TestClient& stranger : strangers) answered += stranger.has_input() ? 1 : 0;
  };
  one.send_raw(kFirst);
  EXPECT_TRUE(two.read_response().starts_with("HTTP/1.1 200 "));
  EXPECT_LE(answered, 4);
  EXPECT_TRUE(eventually(
      [&] { return std::ranges::all_of(strangers, [](const TestClient& stranger) { return stranger.has_input(); }); }));
}

TEST_F(TurnTest, AClientThatIsKnownIsServedBeforeACrowdOfStrangers) {
  options.turn_time = std::chrono::microseconds(0);  // one piece a turn
  options.max_handshakes = 0;
  options.max_connections_per_address = 0;
  start();
  std::vector<TestClient> strangers;
  for (int i = 0; i < 300; ++i) {
    strangers.emplace_back(gateway->port());
    ASSERT_EQ(strangers.back().upgrade(), 101);
  }
  TestClient known = client();
  TestClient one(gateway->port());
  TestClient two(gateway->port());
  two.send_raw(kSecond);
  ASSERT_FALSE(two.read_response().empty());
  first = [&] {
    for (TestClient& stranger : strangers) stranger.say(R"({"event":"join"})");
    known.say(R"({"event":"ping"})");
    two.send_raw(kSecond);
  };
  std::atomic<long> answered{0};
  std::atomic<bool> known_answered{false};
  second = [&] {
    answered = std::ranges::count_if(strangers, [](const TestClient& stranger) { return stranger.has_input(); });
    known_answered = known.has_input();
  };
  one.send_raw(kFirst);
  EXPECT_TRUE(two.read_response().starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(known_answered);
  EXPECT_LE(answered, 4);
  for (TestClient& stranger : strangers) EXPECT_NE(stranger.read_frame().payload.find("Not auth"), std::string::npos);
}

TEST_F(TurnTest, RecordsOfOneByteAreReadInTurns) {
  const Certificate certificate;
  options.tls_cert = certificate.cert_path();
  options.tls_key = certificate.key_path();
  options.turn_time = std::chrono::hours(1);
  options.session.messages_per_second = 0;
  start();
  TestClient slicer(gateway->port(), TestClient::Tls::on);
  ASSERT_EQ(slicer.upgrade(), 101);
  TestClient one(gateway->port(), TestClient::Tls::on);
  TestClient two(gateway->port(), TestClient::Tls::on);
  two.send_raw(kSecond);
  ASSERT_FALSE(two.read_response().empty());
  constexpr std::uint64_t kPings = 200;
  first = [&] {
    for (std::uint64_t ping = 0; ping < kPings; ++ping) {
      for (const char byte : std::string_view("\x89\x80\0\0\0\0", 6)) slicer.send_raw({&byte, 1});
    }
    two.send_raw(kSecond);
  };
  const std::uint64_t before = gateway->stats().frames_out;
  std::atomic<int> served{0};
  std::atomic<bool> all_are_read{false};
  second = [&] {  // again and again, until all are read; it runs on the shard and uses what this test holds
    all_are_read = gateway->stats().frames_out - before == kPings;
    if (all_are_read) return;
    ++served;
    two.send_raw(kSecond);
  };
  one.send_raw(kFirst);
  EXPECT_TRUE(eventually([&] { return all_are_read.load(); }));
  EXPECT_GE(served, 30);  // 1,200 records, sixteen a turn
}

TEST_F(TurnTest, WhoeverMustWaitForATurnLosesNothingAndKeepsItsOrder) {
  options.turn_time = std::chrono::microseconds(0);
  options.turn_bytes = 8;
  options.session.messages_per_second = 0;
  start();
  std::vector<TestClient> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(client("\"u" + std::to_string(i) + "\""));
  const std::string filler(30'000, 'y');
  for (int message = 0; message < 10; ++message) {
    for (TestClient& each : clients) {
      each.say(R"({"event":"ping","id":")" + std::to_string(message) + filler + R"("})");
    }
  }
  for (int message = 0; message < 10; ++message) {
    for (TestClient& each : clients) {
      EXPECT_TRUE(each.receive().starts_with(R"({"event":"pong","data":{"id":")" + std::to_string(message) + "y"));
    }
  }
}

TEST_F(TurnTest, EveryTokenOfAStormIsChecked) {
  options.turn_time = std::chrono::microseconds(0);
  start();
  std::vector<TestClient> clients;
  const crypto::KeyPair keys = crypto::KeyPair::generate();
  for (int i = 0; i < 50; ++i) {
    clients.emplace_back(gateway->port());
    ASSERT_EQ(clients.back().upgrade(), 101);
  }
  for (TestClient& each : clients) {
    each.say(R"({"event":"authenticate","data":{"token":")" + issuer.token("\"u\"") + R"(","clientPublicKey":")" +
             keys.public_base64() + R"("}})");
  }
  for (TestClient& each : clients) EXPECT_TRUE(each.read_frame().payload.starts_with(R"({"event":"connected")"));
}

TEST_F(TurnTest, AShardThatStandsStillIsSilent) {
  start();
  EXPECT_TRUE(eventually([&] { return gateway->longest_silence() < std::chrono::milliseconds(300); }));
  std::atomic<bool> goes_on{false};
  first = [&] {
    while (!goes_on) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  };
  TestClient client(gateway->port());
  client.send_raw(kFirst);
  EXPECT_TRUE(eventually([&] { return gateway->longest_silence() > std::chrono::milliseconds(600); }));
  goes_on = true;
  EXPECT_TRUE(eventually([&] { return gateway->longest_silence() < std::chrono::milliseconds(300); }));
}

}  // namespace nx::gateway
