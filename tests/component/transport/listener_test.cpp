#include "transport/listener.hpp"

#include <cstring>
#include <poll.h>
#include <string>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace nx::transport {
namespace {

using Status = Listener::Accepted::Status;

Socket connect_v4(std::uint16_t port) {
  Socket client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr generic{};
  static_assert(sizeof generic == sizeof address);
  std::memcpy(&generic, &address, sizeof address);
  EXPECT_EQ(::connect(client.fd(), &generic, sizeof generic), 0);
  return client;
}

TEST(Listener, TakesAFreePortAndSaysWhich) {
  auto listener = Listener::open("127.0.0.1", 0);
  ASSERT_TRUE(listener);

  EXPECT_GT(listener->port(), 0);
  EXPECT_EQ(listener->address(), "127.0.0.1:" + std::to_string(listener->port()));
}

TEST(Listener, AcceptsNonBlockingSocketsAndNamesThePeer) {
  auto listener = Listener::open("127.0.0.1", 0);
  ASSERT_TRUE(listener);
  EXPECT_EQ(listener->accept().status, Status::would_block);
  const Socket client = connect_v4(listener->port());

  auto accepted = listener->accept();

  ASSERT_EQ(accepted.status, Status::connection);
  EXPECT_EQ(accepted.peer.text(), "127.0.0.1");
  EXPECT_GT(accepted.peer_port, 0);
  std::array<char, 8> buffer{};
  EXPECT_EQ(accepted.socket.read(buffer).status, IoStatus::would_block);
}

TEST(Listener, TakesNamesAndIpv6Literals) {
  auto named = Listener::open("localhost", 0);
  ASSERT_TRUE(named) << named.error().message;

  auto v6 = Listener::open("::1", 0);
  if (!v6) GTEST_SKIP() << "no IPv6 here: " << v6.error().message;
  EXPECT_EQ(v6->address(), "[::1]:" + std::to_string(v6->port()));
  EXPECT_TRUE(Listener::open("[::1]", 0));
}

TEST(Listener, NamesTheAddressAndTheReasonWhenItCanNot) {
  auto first = Listener::open("127.0.0.1", 0);
  ASSERT_TRUE(first);
  const auto taken = Listener::open("127.0.0.1", first->port());
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().message,
            "cannot listen on " + first->address() +
                ": Address already in use: stop the program that uses it, or choose another port");

  const auto foreign = Listener::open("192.0.2.1", 80);
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().message, "cannot listen on 192.0.2.1:80: Cannot assign requested address");

  const auto unknown = Listener::open("no such host", 80);
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("no such host:80: "), std::string::npos);
}

}  // namespace
}  // namespace nx::transport
