// What one connection may take from the others: the address it is counted under, descriptors, turns of the loop.

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "gateway_fixture.hpp"

namespace nx::gateway {

namespace {

/// While it lives the process can open no descriptor more, but for those given back.
class NoDescriptorsLeft {
 public:
  NoDescriptorsLeft() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const int highest = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    rlimit few = before_;
    few.rlim_cur = static_cast<rlim_t>(highest) + 8;
    setrlimit(RLIMIT_NOFILE, &few);
    taken_.push_back(highest);
    for (int fd = 0; (fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) taken_.push_back(fd);
  }
  ~NoDescriptorsLeft() {
    for (const int fd : taken_) ::close(fd);
    setrlimit(RLIMIT_NOFILE, &before_);
  }
  NoDescriptorsLeft(const NoDescriptorsLeft&) = delete;
  NoDescriptorsLeft& operator=(const NoDescriptorsLeft&) = delete;

  void give_back_one() {
    ::close(taken_.back());
    taken_.pop_back();
  }

 private:
  rlimit before_{};
  std::vector<int> taken_;
};

}  // namespace
using FairnessTest = GatewayTest;

TEST_F(FairnessTest, WhatAClientWroteBeforeItsProxysOwnLineIsNotItsAddress) {
  options.trusted_proxies = {"127.0.0.1"};
  start();
  TestClient one(gateway->port());
  one.send_raw("GET /who HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.9\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n");
  const std::string response = one.read_response();
  EXPECT_NE(response.find("from 192.0.2.7 "), std::string::npos) << response;
}

TEST_F(FairnessTest, AProxyThatEndsInItsHeaderIsLetGo) {
  options.trusted_proxies = {"127.0.0.1"};
  options.request_head_timeout = std::chrono::seconds(60);
  start();
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(gateway->port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const void* const generic = &address;
  ASSERT_EQ(::connect(fd, static_cast<const sockaddr*>(generic), sizeof address), 0);
  ASSERT_EQ(::send(fd, "\r\n\r\n", 4, MSG_NOSIGNAL), 4);
  ::shutdown(fd, SHUT_WR);
  const timeval patience{.tv_sec = 5L * kPatience, .tv_usec = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  char byte = 0;
  ssize_t got = 0;
  do {
    got = ::recv(fd, &byte, 1, 0);
  } while (got < 0 && errno == EINTR);
  EXPECT_TRUE(got == 0 || (got < 0 && errno == ECONNRESET)) << got << " " << errno;
  ::close(fd);
}

TEST_F(FairnessTest, KeptAliveConnectionsGiveTheirDescriptorsToNewOnes) {
  start();
  TestClient idle(gateway->port());
  ASSERT_EQ(idle.upgrade({}, "/health"), 200);
  NoDescriptorsLeft none;
  none.give_back_one();  // the next client's own end
  TestClient next(gateway->port());
  ASSERT_TRUE(next.is_connected());
  next.send_raw("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(next.read_response().starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(idle.ended());
}

TEST_F(FairnessTest, TheTotalHoldsWithVeryManyBackloggedAndNothingIsCountedTwice) {
  options.queued_bytes_total = 2'000'000;
  options.max_connections_per_user = 0;
  options.slow_client.drop_after = std::chrono::milliseconds(200);
  start();
  {
    std::vector<TestClient> slow;
    for (int i = 0; i < 40; ++i) {
      slow.emplace_back(gateway->port(), TestClient::Tls::off, 4'096);
      ASSERT_TRUE(slow.back().connect(issuer.token("\"slow\"")));
    }
    const auto text = payload(std::string(20'000, 'x'));
    ASSERT_TRUE(eventually([&] {
      gateway->fan_out().to_user({"slow"}, text);
      return gateway->stats().connections < 20;
    }));
    EXPECT_TRUE(eventually([&] { return gateway->stats().queued_bytes <= options.queued_bytes_total; }));
    TestClient quick = client("\"quick\"");
    gateway->fan_out().to_user({"quick"}, payload("alive"));
    EXPECT_EQ(quick.receive(), "alive");
  }
  EXPECT_TRUE(eventually([&] { return gateway->stats().connections == 0; }));
  EXPECT_TRUE(eventually([&] { return gateway->stats().queued_bytes == 0; }));
}

TEST_F(FairnessTest, AnIdleConnectionHoldsNothingOfWhatItHasSent) {
  start();
  const auto held = [this] { return gateway->stats().held_bytes[static_cast<std::size_t>(HeldKind::requests)]; };
  TestClient one(gateway->port());
  one.send_raw("GET /" + std::string(7'000, 'p') + " HTTP/1.1\r\nHost: x\r\nOrigin: " + std::string(7'000, 'o') +
               "\r\n\r\n");
  EXPECT_TRUE(one.read_response().starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(eventually([&] { return held() == 0; }));
  std::string lines;
  for (int i = 0; i < 32'000; ++i) lines += "\r\n";
  one.send_raw(lines + "\r");
  one.send_raw("\nGET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(one.read_response().starts_with("HTTP/1.1 200 "));
  EXPECT_TRUE(eventually([&] { return held() == 0; }));
}

TEST_F(FairnessTest, AnIdleConnectionHoldsNothingOfItsLastAnswer) {
  handler = [](const transport::HttpRequest&, runtime::EventLoop&, const transport::Respond& respond) {
    transport::HttpResponse response;
    response.body.assign(3'000'000, 'x');
    respond(std::move(response));
  };
  start();
  TestClient one(gateway->port());
  one.send_raw("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_GT(one.read_response().size(), 3'000'000U);
  EXPECT_TRUE(eventually([&] { return gateway->stats().queued_bytes == 0; }));
}

TEST_F(FairnessTest, RequestsSentAheadAreAllAnsweredAndInOrder) {
  options.workers = 1;
  start();
  TestClient one(gateway->port());
  constexpr int kCount = 500;
  std::string ahead;
  for (int i = 0; i < kCount; ++i) {
    // 426 at once, or the handler on a later turn.
    ahead += (i % 100 == 99 ? "GET /other HTTP/1.1\r\n" : "GET /stream HTTP/1.1\r\n") + std::string("Host: x\r\n\r\n");
  }
  one.send_raw(ahead);
  for (int i = 0; i < kCount; ++i) {
    const std::string response = one.read_response();
    ASSERT_TRUE(response.starts_with(i % 100 == 99 ? "HTTP/1.1 200 " : "HTTP/1.1 426 ")) << i << ": " << response;
  }
}

TEST_F(FairnessTest, AnUpgradeDuringShutdownIs503) {
  options.workers = 1;
  options.shutdown_grace = std::chrono::milliseconds(2'000);
  start();
  TestClient late(gateway->port());
  late.send_raw("GET /stream HTTP/1.1\r\nHost: x\r\n");
  TestClient told = client();  // its handshake is some turns of the one loop: the half request was read in the first
  std::thread ending([&] { gateway->shutdown(); });
  EXPECT_EQ(told.receive(), "close 1001 Server shutting down");
  late.send_raw(
      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  EXPECT_TRUE(late.read_response().starts_with("HTTP/1.1 503 "));
  ending.join();
}

TEST_F(FairnessTest, AnswersDuringShutdownSayThatTheConnectionCloses) {
  options.shutdown_grace = std::chrono::milliseconds(2'000);
  std::atomic<bool> asked{false};
  transport::Respond held;
  handler = [&](transport::HttpRequest, runtime::EventLoop&, transport::Respond respond) {
    held = std::move(respond);
    asked = true;
  };
  start();
  TestClient one(gateway->port());
  one.send_raw("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return asked.load(); }));
  TestClient told = client();
  std::thread ending([&] { gateway->shutdown(); });
  EXPECT_EQ(told.receive(), "close 1001 Server shutting down");
  held(transport::HttpResponse{});
  EXPECT_NE(one.read_response().find("Connection: close\r\n"), std::string::npos);
  ending.join();
}

}  // namespace nx::gateway
