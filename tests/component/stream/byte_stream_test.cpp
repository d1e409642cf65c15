#include "stream/byte_stream.hpp"

#include <array>
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "component/tls_redis_server.hpp"
#include "stream/socket.hpp"

namespace nx::stream {
namespace {

using ::testing::HasSubstr;

Deadline within(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

Result<void> write_until_it_fails(ByteStream& stream) {
  const Deadline end = within(std::chrono::seconds(5));
  Result<void> written;
  while (written && std::chrono::steady_clock::now() < end) {
    written = stream.write("PING\r\n", end);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return written;
}

// SIGPIPE would end this program.
TEST(ByteStream, FailsWithoutASignalWhereNobodyReadsAnyMore) {
  nx::testing::TlsRedisServer tls("IP:127.0.0.1");
  for (const bool secure : {false, true}) {
    const std::uint16_t port = secure ? tls.port : tls.server().port();
    auto stream = ByteStream::connect({"127.0.0.1", port, secure}, {CertificateCheck::verify, tls.certificate()},
                                      within(std::chrono::seconds(5)), nullptr);
    ASSERT_TRUE(stream) << stream.error().message;

    tls.server().end(SIGKILL);
    EXPECT_FALSE(write_until_it_fails(*stream));
    tls.server().start();
  }
}

TEST(ByteStream, ReadsNothingAtADeadlineThatIsOver) {
  const nx::testing::RedisServer server;
  auto stream = ByteStream::connect({"127.0.0.1", server.port(), false}, {}, within(std::chrono::seconds(5)), nullptr);
  ASSERT_TRUE(stream);
  std::array<char, 16> into{};

  const auto read = stream->read(into, within(std::chrono::milliseconds(-1)));

  ASSERT_TRUE(read);
  EXPECT_EQ(read->state, ByteStream::Reading::late);
}

/// Takes no connection, and refuses none: its queue is full.
class BlackHole {
 public:
  BlackHole() {
    ::listen(listener_.get(), 0);
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address_.storage), &address_.size);
    for (int i = 0; i < 8; ++i) {
      waiting_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
      ::connect(waiting_.back().get(), reinterpret_cast<const sockaddr*>(&address_.storage), address_.size);
    }
  }
  const SocketAddress& address() const { return address_; }

 private:
  Descriptor listener_{::socket(AF_INET, SOCK_STREAM, 0)};
  std::vector<Descriptor> waiting_;
  SocketAddress address_{.size = sizeof(sockaddr_storage)};
};

SocketAddress loopback(std::uint16_t port) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  SocketAddress address{.size = sizeof to};
  std::memcpy(&address.storage, &to, sizeof to);
  return address;
}

TEST(ByteStreamConnectAny, AnAddressFromWhichNothingComesLeavesTimeForTheNext) {
  const BlackHole hole;
  const nx::testing::RedisServer server;

  EXPECT_TRUE(
      connect_any(std::array{hole.address(), loopback(server.port())}, within(std::chrono::seconds(10)), nullptr));

  const auto late = connect_any(std::array{hole.address()}, within(std::chrono::milliseconds(100)), nullptr);
  EXPECT_THAT(late.error().message, HasSubstr("timed out"));
}

TEST(ByteStreamConnectAny, TakesTheNextAddressWhenOneRefuses) {
  const nx::testing::RedisServer server;
  EXPECT_TRUE(connect_any(std::array{loopback(nx::testing::free_port()), loopback(server.port())},
                          within(std::chrono::seconds(2)), nullptr));
  EXPECT_FALSE(connect_any({}, within(std::chrono::seconds(2)), nullptr));
}

TEST(ByteStream, NamesTheEndpointThatCanNotBeReached) {
  const std::uint16_t port = nx::testing::free_port();

  EXPECT_THAT(
      ByteStream::connect({"127.0.0.1", port, false}, {}, within(std::chrono::seconds(5)), nullptr).error().message,
      HasSubstr("cannot connect to 127.0.0.1:" + std::to_string(port) + ": Connection refused"));
  EXPECT_THAT(ByteStream::connect({"no.such.name.invalid", port, false}, {}, within(std::chrono::seconds(5)), nullptr)
                  .error()
                  .message,
              HasSubstr("cannot look up no.such.name.invalid"));
}

}  // namespace
}  // namespace nx::stream
