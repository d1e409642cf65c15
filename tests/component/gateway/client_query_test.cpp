// What operators ask of a gateway's clients: found, counted, disconnected; and nobody waits for it.

#include <algorithm>
#include <atomic>
#include <future>

#include <gmock/gmock.h>

#include "gateway_fixture.hpp"

namespace nx::gateway {

namespace {

using contract::ClientFilter;
using contract::DisconnectClient;
using contract::DisconnectUser;
using contract::FindClient;
using contract::Findings;
using contract::ListClients;
using testing::ElementsAre;
using testing::ElementsAreArray;

std::vector<std::string> ids(const Findings& findings) {
  std::vector<std::string> out;
  for (const auto& client : findings.clients) out.push_back(client.id.value);
  return out;
}

}  // namespace

class ClientQueryTest : public GatewayTest {
 protected:
  Findings ask(const contract::OperatorAsk& question) {
    const auto answer = std::make_shared<std::promise<Findings>>();
    auto found = answer->get_future();
    gateway->answer(question, [answer](Findings findings) { answer->set_value(std::move(findings)); });
    if (found.wait_for(kPatience * std::chrono::seconds(10)) != std::future_status::ready) {
      ADD_FAILURE() << "no answer";
      return {};
    }
    return found.get();
  }
};

TEST_F(ClientQueryTest, ListsAuthenticatedClientsOfAllShardsByTheirIds) {
  start();
  std::vector<TestClient> clients;
  std::vector<std::string> expected;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(client(i == 0 ? "5" : "\"u" + std::to_string(i) + "\""));
    expected.push_back(clients.back().id());
  }
  TestClient stranger(gateway->port());
  ASSERT_EQ(stranger.upgrade(), 101);
  std::ranges::sort(expected);
  const std::int64_t before = now_wall().value;

  const Findings all = ask(ListClients{.filter = {}, .after = std::nullopt, .limit = 100});

  EXPECT_EQ(all.count, 6);
  EXPECT_THAT(ids(all), ElementsAreArray(expected));
  for (const auto& one : all.clients) {
    EXPECT_EQ(one.user_is_number, one.user.value == "5");
    EXPECT_THAT(one.rooms, ElementsAre(RoomName{"ws-default"}, RoomName{"ws-notification"}, RoomName{one.id.value}));
    EXPECT_EQ(one.address, "127.0.0.1");
    EXPECT_LE(one.connected_at.value, before);
    EXPECT_GE(one.last_activity_at.value, one.connected_at.value - 1'000);
    EXPECT_LE(one.last_activity_at.value, now_wall().value);
    EXPECT_EQ(one.queued_bytes, 0);
  }
}

TEST_F(ClientQueryTest, SaysWhatBecameOfAHintForEachClientOfItsUser) {
  using Outcome = contract::PushRecord::Outcome;
  options.session.backpressure_bytes = 262'144;
  lookups.missed = [](const UserId&, std::int64_t, std::size_t, runtime::EventLoop& loop,
                      const std::function<void(Result<session::MissedHints>)>& answer) {
    loop.post([answer] {
      session::MissedHints page;
      page.hints = {{6, "{}"}};
      page.newest_seq = 6;
      answer(page);
    });
  };
  start();
  const std::int64_t before = now_wall().value;
  TestClient one = client(), behind = client("\"u1\"", ",\"since\":0"), other = client("\"u2\"");
  EXPECT_EQ(behind.receive(), "{}");
  EXPECT_TRUE(behind.receive().starts_with(R"({"event":"caught-up")"));
  TestClient deaf(gateway->port(), TestClient::Tls::off, 4'096);
  ASSERT_TRUE(deaf.connect(issuer.token("\"u3\"")));
  const auto hint = [&](const std::string& text) {
    const EpochMs now = now_wall();
    gateway->fan_out().hint(payload(text), {{{"u1"}, 7, 1}, {{"u3"}, 9, 1}}, {now});
  };
  hint(R"({"event":"e","data":{})");
  for (TestClient* of_user : {&one, &behind}) {
    EXPECT_EQ(of_user->receive(), R"({"event":"e","data":{},"seq":7,"unread":1})");
  }
  const auto outcomes = [&](const std::string& user, std::int64_t seq) {
    ListClients asked{.filter = {UserId{user}, {}, {}}, .after = {}, .limit = 10};
    asked.hint = seq;
    const Findings findings = ask(asked);
    EXPECT_TRUE(findings.records_since && findings.records_since->value <= before);
    std::vector<Outcome> out;
    for (const auto& push : findings.pushes) out.push_back(push.outcome);
    return out;
  };
  EXPECT_THAT(outcomes("u1", 7), ElementsAre(Outcome::pushed, Outcome::pushed));
  EXPECT_THAT(outcomes("u1", 6), ElementsAre(Outcome::caught_up));
  EXPECT_THAT(outcomes("u2", 7), ElementsAre());
  EXPECT_THAT(outcomes("u3", 9), ElementsAre(Outcome::pushed));
  // What is queued when a client is given up is gone with it; a question about clients alone has nothing of this.
  const auto filler = payload(std::string(60'000, 'x'));
  EXPECT_TRUE(eventually([&] {
    hint(R"({"event":"e","data":{})");  // again and again: when the client is given up, some are among what is queued
    gateway->fan_out().to_user({"u3"}, filler);
    return outcomes("u3", 9) == std::vector{Outcome::slow_closed};
  }));
  EXPECT_FALSE(ask(ListClients{.filter = {}, .after = {}, .limit = 10}).records_since);
}

TEST_F(ClientQueryTest, APageGoesOnBehindAClient) {
  start();
  std::vector<TestClient> clients;
  std::vector<std::string> expected, seen;
  for (int i = 0; i < 7; ++i) {
    clients.push_back(client("\"u" + std::to_string(i) + "\""));
    expected.push_back(clients.back().id());
  }
  std::ranges::sort(expected);
  ListClients page{.filter = {}, .after = std::nullopt, .limit = 3};
  for (;;) {
    const Findings found = ask(page);
    EXPECT_EQ(found.count, 7);
    for (const std::string& id : ids(found)) seen.push_back(id);
    if (found.clients.size() < page.limit) break;
    page.after = contract::ClientPlace{"ignored", found.clients.back().id.value};
  }
  EXPECT_EQ(seen, expected);
  page = {.filter = {}, .after = std::nullopt, .limit = 0};
  EXPECT_EQ(ask(page), (Findings{.count = 7, .clients = {}}));
}

TEST_F(ClientQueryTest, SearchesByUserRoomAndAddress) {
  start();
  TestClient one = client("\"u1\""), again = client("\"u1\""), number = client("5"), text = client("\"5\"");
  one.say(R"({"event":"leave","data":{"rooms":["ws-notification"]}})");
  const auto count = [this](const ClientFilter& filter) { return ask(ListClients{filter, std::nullopt, 10}).count; };
  EXPECT_TRUE(eventually([&] { return count({{}, RoomName{"ws-notification"}, {}}) == 3; }));
  EXPECT_EQ(count({UserId{"u1"}, {}, {}}), 2);
  EXPECT_EQ(count({UserId{"5"}, {}, {}}), 2) << "one inbox, one user";
  EXPECT_EQ(count({UserId{"U1"}, {}, {}}), 0);
  EXPECT_EQ(count({{}, RoomName{"ws-default"}, {}}), 4);
  EXPECT_EQ(count({{}, RoomName{one.id()}, {}}), 1);
  EXPECT_EQ(count({{}, RoomName{"org:1"}, {}}), 0);
  EXPECT_EQ(count({{}, {}, "127.0.0.1"}), 4);
  EXPECT_EQ(count({{}, {}, "127.0.0.0/8"}), 4);
  EXPECT_EQ(count({{}, {}, "192.0.2.0/24"}), 0);
  EXPECT_EQ(count({{}, {}, "nowhere"}), 0);
  EXPECT_EQ(count({UserId{"u1"}, RoomName{"ws-notification"}, "127.0.0.1"}), 1);
}

TEST_F(ClientQueryTest, FindsOneClientAndNobodyElse) {
  start();
  TestClient one = client("\"u1\""), other = client("\"u2\"");
  EXPECT_THAT(ids(ask(FindClient{{one.id()}})), ElementsAre(one.id()));
  for (const char* nobody : {"7b1082a6-2f6d-4a0e-9d0b-52b1a1f9a001", "00000000-0000-0000-0000-000000000000", "x"}) {
    EXPECT_EQ(ask(FindClient{{nobody}}), Findings{}) << nobody;
  }
}

TEST_F(ClientQueryTest, DisconnectsOneClient) {
  start();
  TestClient one = client("\"u1\""), other = client("\"u1\"");
  EXPECT_EQ(ask(DisconnectClient{{one.id()}}).count, 1);
  EXPECT_EQ(one.receive(), "close 4009 Disconnected by operator");
  EXPECT_EQ(ask(DisconnectClient{{one.id()}}).count, 0);
  EXPECT_THAT(ids(ask(ListClients{})), ElementsAre(other.id()));
}

TEST_F(ClientQueryTest, DisconnectsAUsersClientsThatCameWithTokensUntilThen) {
  start();
  TestClient first(gateway->port()), second(gateway->port()), later(gateway->port()), other = client("\"u2\"");
  ASSERT_TRUE(first.connect(issuer.token_issued_at("\"u1\"", 1'000)));
  ASSERT_TRUE(second.connect(issuer.token("\"u1\"")));  // does not say when it was issued
  ASSERT_TRUE(later.connect(issuer.token_issued_at("\"u1\"", 1'002)));

  EXPECT_EQ(ask(DisconnectUser{{"u1"}, {1'001'000}}).count, 2);

  EXPECT_EQ(first.receive(), "close 4009 Disconnected by operator");
  EXPECT_EQ(second.receive(), "close 4009 Disconnected by operator");
  EXPECT_EQ(ask(ListClients{}).count, 2);
}

/// It is verified, and opens once the bus brings what is pushed to it.
TEST_F(ClientQueryTest, DisconnectsAUsersClientThatHasNotOpenedYet) {
  std::atomic<bool> came{false};
  lookups.subscriptions.subscribe = [&came](const UserId&, const ClientId&, runtime::EventLoop&,
                                            const std::function<void()>&) { came = true; };
  lookups.subscriptions.unsubscribe = [](const UserId&, const ClientId&) {};
  lookups.subscriptions.subscribe_room = lookups.subscriptions.unsubscribe_room = [](const RoomName&) {};
  start();
  TestClient waiting(gateway->port());
  ASSERT_EQ(waiting.upgrade(), 101);
  waiting.say(R"({"event":"authenticate","data":{"token":")" + issuer.token("\"u1\"") + R"(","clientPublicKey":")" +
              crypto::KeyPair::generate().public_base64() + R"("}})");
  ASSERT_TRUE(eventually([&] { return came.load(); }));
  EXPECT_EQ(ask(ListClients{}).count, 0);
  EXPECT_EQ(ask(DisconnectUser{{"u1"}, {1}}).count, 1);
  EXPECT_EQ(waiting.read_frame().close_code(), 4009);
}

TEST_F(ClientQueryTest, IsTakenInTurnsAndOthersAreServedBetween) {
  options.workers = 1;
  options.turn_time = std::chrono::microseconds(0);  // one piece a turn
  options.max_handshakes = 0;
  options.max_connections_per_address = 0;
  std::function<void()> first = [] {};
  std::function<void()> second = [] {};
  handler = [&](transport::HttpRequest request, runtime::EventLoop&, const transport::Respond& respond) {
    (request.path == "/first" ? first : second)();
    respond(transport::HttpResponse{});
  };
  start();
  std::vector<TestClient> crowd;
  for (int i = 0; i < 1'500; ++i) {
    crowd.emplace_back(gateway->port());
    ASSERT_EQ(crowd.back().upgrade(), 101);
  }
  TestClient known = client();
  TestClient one(gateway->port()), two(gateway->port());
  two.send_raw("GET /second HTTP/1.1\r\nHost: x\r\n\r\n");  // so that it is accepted and warm
  ASSERT_FALSE(two.read_response().empty());
  std::atomic<std::int64_t> found{-1};
  std::atomic<bool> served_between{false};
  first = [&] {
    gateway->answer(ListClients{}, [&](const Findings& findings) { found = findings.count; });
    two.send_raw("GET /second HTTP/1.1\r\nHost: x\r\n\r\n");
  };
  second = [&] { served_between = found < 0; };
  one.send_raw("GET /first HTTP/1.1\r\nHost: x\r\n\r\n");

  EXPECT_TRUE(two.read_response().starts_with("HTTP/1.1 200 "));

  EXPECT_TRUE(served_between);
  EXPECT_TRUE(eventually([&] { return found == 1; }));
}

}  // namespace nx::gateway
