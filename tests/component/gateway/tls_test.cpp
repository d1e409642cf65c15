#include "certificate.hpp"
#include "gateway_fixture.hpp"
#include "transport/tls_context.hpp"

namespace nx::gateway {

using TlsTest = GatewayTest;

TEST_F(TlsTest, UnderTlsTheSameConversationRuns) {
  const Certificate certificate;
  options.tls_cert = certificate.cert_path();
  options.tls_key = certificate.key_path();
  start();
  TestClient one(gateway->port(), TestClient::Tls::on);
  ASSERT_TRUE(one.connect(issuer.token("\"u1\"")));
  const auto large = payload(std::string(200'000, 'x'));
  gateway->fan_out().to_everyone(large);
  gateway->fan_out().to_everyone(payload("small"));
  EXPECT_EQ(one.receive().size(), large->size());
  EXPECT_EQ(one.receive(), "small");
  one.say(R"({"event":"ping","id":")" + std::string(100'000, 'y') + R"("})");
  EXPECT_GT(one.receive().size(), 100'000U);
  one.send_frame(8, "\x03\xe8");
  EXPECT_EQ(one.read_frame().close_code(), 1000);
  EXPECT_TRUE(one.ended());
}

TEST_F(TlsTest, UnderTlsASlowConsumerIsClosedToo) {
  const Certificate certificate;
  options.tls_cert = certificate.cert_path();
  options.tls_key = certificate.key_path();
  options.session.backpressure_bytes = 64'000;
  options.slow_client.drop_after = std::chrono::milliseconds(300);
  start();
  TestClient slow(gateway->port(), TestClient::Tls::on, 4'096);
  ASSERT_TRUE(slow.connect(issuer.token("\"slow\"")));
  const auto text = payload(std::string(20'000, 'x'));
  EXPECT_TRUE(eventually([&] {
    gateway->fan_out().to_everyone(text);
    return gateway->stats().connections == 0;
  }));
  EXPECT_TRUE(eventually([&] { return gateway->stats().queued_bytes == 0; }));
}

TEST_F(TlsTest, ATlsHandshakeThatStallsIsEnded) {
  const Certificate certificate;
  options.tls_cert = certificate.cert_path();
  options.tls_key = certificate.key_path();
  options.request_head_timeout = std::chrono::milliseconds(200);
  start();
  TestClient silent(gateway->port());
  EXPECT_TRUE(silent.ended());
}

TEST_F(TlsTest, WhoeverIsDroppedWithoutAnAnswerIsCountedByTheReason) {
  const Certificate certificate;
  options.tls_cert = certificate.cert_path();
  options.tls_key = certificate.key_path();
  options.request_head_timeout = std::chrono::milliseconds(200);
  start();
  const auto dropped = [this](Dropped reason) { return gateway->stats().dropped[static_cast<std::size_t>(reason)]; };
  TestClient plain(gateway->port());
  plain.send_raw("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(plain.ended());
  TestClient large(gateway->port());
  large.send_raw(std::string_view("\x16\x03\x01\x00\x04\x01\x01\xff\xb8", 9));
  EXPECT_TRUE(large.ended());
  EXPECT_EQ(dropped(Dropped::tls), 2U);
  TestClient silent(gateway->port());
  EXPECT_TRUE(silent.ended());
  EXPECT_EQ(dropped(Dropped::tls_timeout), 1U);
  { TestClient gone(gateway->port()); }
  TestClient one(gateway->port(), TestClient::Tls::on);
  one.send_raw("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(one.read_response().starts_with("HTTP/1.1 200 "));
  std::uint64_t all = 0;
  for (const std::uint64_t count : gateway->stats().dropped) all += count;
  EXPECT_EQ(all, 3U);
}

TEST_F(TlsTest, BadCertificateFilesAreAnError) {
  options.tls_cert = "/nonexistent/cert.pem";
  options.tls_key = "/nonexistent/key.pem";
  Gateway broken(options, *(authenticator = std::make_unique<auth::Authenticator>(auth::AuthOptions{}, log)), {},
                 handler, log);
  const Result<void> started = broken.start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("/nonexistent/cert.pem"), std::string::npos);
}

TEST_F(TlsTest, EveryCipherKeepsWhatWasSaidSecretWhenTheKeyLeaks) {
  const Certificate certificate;
  const auto context = transport::TlsContext::load(certificate.cert_path(), certificate.key_path());
  ASSERT_TRUE(context);
  const STACK_OF(SSL_CIPHER)* const ciphers = SSL_CTX_get_ciphers((*context)->native());
  ASSERT_GT(sk_SSL_CIPHER_num(ciphers), 3);
  for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
    const SSL_CIPHER* const cipher = sk_SSL_CIPHER_value(ciphers, i);
    const int exchange = SSL_CIPHER_get_kx_nid(cipher);
    EXPECT_TRUE(exchange == NID_kx_ecdhe || exchange == NID_kx_any) << SSL_CIPHER_get_name(cipher);  // any: TLS 1.3
  }
}

TEST_F(TlsTest, ATlsHandshakeUnderWayIsCountedAndAnsweringHealthEndsTheCount) {
  const Certificate certificate;
  options.tls_cert = certificate.cert_path();
  options.tls_key = certificate.key_path();
  start();
  const auto held = [this] { return gateway->stats().held_bytes[static_cast<std::size_t>(HeldKind::tls_handshakes)]; };
  {
    TestClient stalled(gateway->port());
    stalled.send_raw("\x16\x03\x01");
    EXPECT_TRUE(eventually([&] { return held() > 0; }));
  }
  EXPECT_TRUE(eventually([&] { return held() == 0; }));
  TestClient one(gateway->port(), TestClient::Tls::on);
  one.send_raw("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(one.read_response().starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(held(), 0U);
}

}  // namespace nx::gateway
