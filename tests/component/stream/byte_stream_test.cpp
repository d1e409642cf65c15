#include "stream/byte_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "component/tls_redis_server.hpp"

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
