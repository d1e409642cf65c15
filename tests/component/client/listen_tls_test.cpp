// `nx-signal listen` over TLS.

#include <gmock/gmock.h>

#include "component/client/listen_fixture.hpp"

namespace nx::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

void say_hello_and_close(Peer& peer) {
  peer.shake_hands();
  peer.sealed(R"({"event":"hello"})");
  peer.close(1000, "");
  peer.read();
}
using ListenTls = Listen;

TEST_F(ListenTls, over_tls_a_trusted_certificate_is_enough) {
  const SecureScriptedServer server(say_hello_and_close);
  options_.trust.ca_file = server.ca_file();

  EXPECT_EQ(run(server, "wss"), 0) << complaint_;

  EXPECT_THAT(lines_, ElementsAre(HasSubstr("connected"), R"({"event":"hello"})"));
}

TEST_F(ListenTls, over_tls_an_unknown_certificate_is_refused) {
  const SecureScriptedServer server(say_hello_and_close);

  EXPECT_EQ(run(server, "wss"), 1);

  EXPECT_THAT(complaint_, HasSubstr("certificate is not trusted"));
}

TEST_F(ListenTls, over_tls_a_certificate_of_another_host_is_refused) {
  const SecureScriptedServer server(say_hello_and_close, "DNS:elsewhere.example,IP:127.0.0.2");
  options_.trust.ca_file = server.ca_file();

  EXPECT_EQ(run(server, "wss"), 1);

  EXPECT_THAT(complaint_, HasSubstr("IP address mismatch"));
}

TEST_F(ListenTls, over_tls_the_check_can_be_skipped) {
  const SecureScriptedServer server(say_hello_and_close);
  options_.trust.check = CertificateCheck::skip;

  EXPECT_EQ(run(server, "wss"), 0) << complaint_;
}

}  // namespace
}  // namespace nx::client
