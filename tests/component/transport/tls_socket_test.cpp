// A socket that carries TLS, against a client of OpenSSL.

#include <algorithm>
#include <array>
#include <csignal>
#include <memory>
#include <system_error>
#include <thread>

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/ioctl.h>

#include "certificate.hpp"
#include "component/transport/socket_pair.hpp"

namespace nx::transport {
namespace {

// The other end of a TLS connection, on its own thread with a blocking socket.
class TlsClient {
 public:
  TlsClient(int fd, int max_version) {
    ::SSL_CTX_set_security_level(context_.get(), 0);
    ::SSL_set_min_proto_version(tls_.get(), std::min(max_version, TLS1_2_VERSION));
    ::SSL_set_max_proto_version(tls_.get(), max_version);
    ::SSL_set_fd(tls_.get(), fd);
  }
  bool connect() { return ::SSL_connect(tls_.get()) == 1; }
  bool write(const std::string& bytes) {
    return ::SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(bytes.size());
  }
  std::string read_to_end() {
    std::string all;
    std::array<char, 4'096> buffer{};
    for (int got = 0; (got = ::SSL_read(tls_.get(), buffer.data(), static_cast<int>(buffer.size()))) > 0;) {
      all.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return all;
  }
  /// So many records that are no data.
  bool update_keys(int count) {
    for (; count > 0; --count) {
      if (::SSL_key_update(tls_.get(), SSL_KEY_UPDATE_NOT_REQUESTED) != 1 || ::SSL_do_handshake(tls_.get()) != 1)
        return false;
    }
    return true;
  }
  bool ended_in_order() { return (::SSL_get_shutdown(tls_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }
  void close() { ::SSL_shutdown(tls_.get()); }

 private:
  std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)> context_{::SSL_CTX_new(::TLS_client_method()), &::SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&::SSL_free)> tls_{::SSL_new(context_.get()), &::SSL_free};
};

class TlsSocket : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    auto loaded = TlsContext::load(certificate.certificate_path(), certificate.key_path());
    ASSERT_TRUE(loaded) << loaded.error().message;
    context = *loaded;
  }
  test::Certificate certificate;
  std::shared_ptr<const TlsContext> context;
  Pair pair;
};

// How much of what came the kernel still has.
int unread(const Socket& socket) {
  int bytes = 0;
  EXPECT_EQ(::ioctl(socket.fd(), FIONREAD, &bytes), 0);
  return bytes;
}

class TlsSocketKeyUpdates : public TlsSocket {};  // of TLS 1.3

INSTANTIATE_TEST_SUITE_P(Version, TlsSocketKeyUpdates, testing::Values(TLS1_3_VERSION),
                         [](const testing::TestParamInfo<int>&) { return "tls1_3"; });

TEST_P(TlsSocketKeyUpdates, OneReadTakesFewOfTheRecordsWithoutData) {
  ASSERT_TRUE(pair.ours.start_tls(*context));
  TlsClient client(pair.theirs.fd(), GetParam());
  std::thread peer([&] {
    ASSERT_TRUE(client.connect());
    ASSERT_TRUE(client.update_keys(100));
    ASSERT_TRUE(client.write("hello"));
  });
  IoStatus last{};
  while (!pair.ours.is_established()) {
    await(pair.ours, pair.ours.read_interest());
    ASSERT_EQ(read_some(pair.ours, last), "");
  }
  peer.join();

  std::string all;
  int before = unread(pair.ours);
  int cuts = 0;
  while (all.empty()) {
    all = read_some(pair.ours, last);
    ASSERT_EQ(last, IoStatus::would_block);
    EXPECT_LT(before - unread(pair.ours), 1'000);
    before = unread(pair.ours);
    if (pair.ours.was_cut()) ++cuts;
  }
  EXPECT_EQ(all, "hello");
  EXPECT_GT(cuts, 5);
}

TEST_P(TlsSocketKeyUpdates, RecordsWithoutDataAndWithoutEndAreAFailure) {
  ASSERT_TRUE(pair.ours.start_tls(*context));
  TlsClient client(pair.theirs.fd(), GetParam());
  ::signal(SIGPIPE, SIG_IGN);  // of the client's own BIO
  std::thread peer([&] {
    ASSERT_TRUE(client.connect());
    client.update_keys(2'000);
  });
  IoStatus last{};
  do {
    await(pair.ours, pair.ours.read_interest());
    EXPECT_EQ(read_some(pair.ours, last), "");
  } while (last == IoStatus::would_block);
  EXPECT_EQ(last, IoStatus::failed);
  EXPECT_EQ(pair.ours.tls_problem(), "too many TLS records without data");
  pair.ours.close();
  peer.join();
}

TEST_P(TlsSocket, WhatIsNoHandshakeIsNamed) {
  ASSERT_TRUE(pair.ours.start_tls(*context));
  pair.theirs.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  IoStatus last{};
  read_some(pair.ours, last);
  EXPECT_EQ(last, IoStatus::failed);
  EXPECT_EQ(pair.ours.tls_problem(), "http request");
}

TEST_P(TlsSocket, APeerThatJustGoesIsNoProblemToName) {
  ASSERT_TRUE(pair.ours.start_tls(*context));
  pair.theirs.close();
  IoStatus last{};
  read_some(pair.ours, last);
  EXPECT_NE(last, IoStatus::would_block);
  EXPECT_EQ(pair.ours.tls_problem(), "");
}

TEST_P(TlsSocket, AClientHelloOf128KiBIsRefusedByItsFirstBytes) {
  ASSERT_TRUE(pair.ours.start_tls(*context));
  pair.theirs.write(std::string("\x16\x03\x01\x00\x04\x01\x01\xff\xb8", 9));
  IoStatus last{};
  read_some(pair.ours, last);
  EXPECT_EQ(last, IoStatus::failed);
  EXPECT_EQ(pair.ours.tls_problem(), "ClientHello of 131000 bytes, the limit is 8192");
}

TEST_P(TlsSocket, HalfARecordIsCounted) {
  ASSERT_TRUE(pair.ours.start_tls(*context));
  TlsClient client(pair.theirs.fd(), GetParam());
  std::thread peer([&] { ASSERT_TRUE(client.connect()); });
  IoStatus last{};
  while (!pair.ours.is_established()) {
    EXPECT_GT(pair.ours.tls_bytes(), 0U);
    await(pair.ours, pair.ours.read_interest());
    read_some(pair.ours, last);
  }
  peer.join();
  EXPECT_EQ(pair.ours.tls_bytes(), 0U);
  pair.theirs.write(std::string("\x17\x03\x03\x40\x00", 5).append(10'000, 'x'));
  EXPECT_EQ(read_some(pair.ours, last), "");
  EXPECT_GT(pair.ours.tls_bytes(), 10'000U);
}

TEST_P(TlsSocket, CarriesBytesBothWaysAndEndsInOrder) {
  const std::string big(3'000'000, 'y');
  std::string answer;
  bool in_order = false;
  std::thread peer([&] {
    TlsClient client(pair.theirs.fd(), GetParam());
    EXPECT_TRUE(client.connect());
    EXPECT_TRUE(client.write("question"));
    answer = client.read_to_end();
    in_order = client.ended_in_order();
    client.close();
  });
  ASSERT_TRUE(pair.ours.start_tls(*context));
  EXPECT_TRUE(pair.ours.is_tls());

  std::string question;
  while (question.size() < 8) {
    std::array<char, 100> buffer{};
    const IoResult result = pair.ours.read(buffer);
    ASSERT_TRUE(result.status == IoStatus::done || result.status == IoStatus::would_block);
    if (result.status == IoStatus::done) question.append(buffer.data(), result.bytes);
    if (result.status == IoStatus::would_block) await(pair.ours, pair.ours.read_interest());
  }
  EXPECT_EQ(question, "question");
  // The queue moves in memory between two writes, as a growing buffer does.
  std::string queue = big;
  while (!queue.empty()) {
    const IoResult result = pair.ours.write(queue);
    ASSERT_NE(result.status, IoStatus::failed);
    if (result.status == IoStatus::would_block) await(pair.ours, pair.ours.write_interest());
    queue = queue.substr(result.bytes);
  }
  pair.ours.shutdown_write();
  peer.join();

  EXPECT_EQ(answer.size(), big.size());
  EXPECT_EQ(answer, big);
  EXPECT_TRUE(in_order);
  std::array<char, 10> buffer{};
  EXPECT_EQ(pair.ours.read(buffer).status, IoStatus::closed);
}

INSTANTIATE_TEST_SUITE_P(Versions, TlsSocket, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const testing::TestParamInfo<int>& row) {
                           return row.param == TLS1_2_VERSION ? "tls1_2" : "tls1_3";
                         });

using TlsSocketRefusals = TlsSocket;

TEST_F(TlsSocketRefusals, RefusesTls1_1) {
  std::thread peer([&] {
    TlsClient client(pair.theirs.fd(), TLS1_1_VERSION);
    EXPECT_FALSE(client.connect());
  });
  ASSERT_TRUE(pair.ours.start_tls(*context));
  IoResult result{IoStatus::would_block, 0};
  std::array<char, 100> buffer{};
  await(pair.ours, POLLIN);
  while (result.status == IoStatus::would_block) result = pair.ours.read(buffer);
  pair.ours.close();
  peer.join();
  EXPECT_EQ(result.status, IoStatus::failed);
}

TEST_F(TlsSocketRefusals, FailsOnPlainHttpAndWithoutASignalWhenThePeerIsGone) {
  ASSERT_TRUE(pair.ours.start_tls(*context));
  ASSERT_EQ(pair.theirs.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n").status, IoStatus::done);
  pair.theirs.close();
  std::array<char, 100> buffer{};

  EXPECT_EQ(pair.ours.read(buffer).status, IoStatus::failed);
  pair.ours.shutdown_write();
}

}  // namespace
}  // namespace nx::transport
