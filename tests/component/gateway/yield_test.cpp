// A connection that makes room for another one: the request that has arrived by then is answered first.

#include <semaphore>

#include "certificate.hpp"
#include "gateway_fixture.hpp"

namespace nx::gateway {

class YieldTest : public GatewayTest {
 protected:
  YieldTest() {
    options.admission = std::make_shared<Admission>(Admission::Limits{.connections = 8, .requests = 4, .guests = 4});
    const auto answer = handler;
    handler = [this, answer](transport::HttpRequest request, runtime::EventLoop& loop,
                             const transport::Respond& respond) {
      if (request.path == "/hold") {
        held_.release();
        holds_.acquire();
      }
      answer(std::move(request), loop, respond);
    };
  }
  ~YieldTest() override { gateway.reset(); }  // the handler uses this object

  /// The answer to a client that sends `parts` while its shard is held and its connection is told to make room.
  std::string answer_to(const std::vector<std::string>& parts, TestClient::Tls tls, const std::string& before_request) {
    start();
    // The listener and the first and third connection belong to shard 0, the second and fourth to shard 1.
    std::vector<TestClient> clients;
    for (std::size_t i = 0; i < 4; ++i) {
      clients.emplace_back(gateway->port(), tls);
      EXPECT_TRUE(eventually([&] { return gateway->stats().accepted == i + 1; }));
    }
    clients[1].send_raw(before_request + "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    held_.acquire();
    for (int newcomer = 0; newcomer < 3; ++newcomer) clients.emplace_back(gateway->port());
    EXPECT_TRUE(eventually([&] { return gateway->stats().admission.for_request == 3; }));
    for (const std::string& part : parts) clients[3].send_raw(part);
    holds_.release();
    return clients[3].read_response();
  }

  std::binary_semaphore holds_{0}, held_{0};
};

TEST_F(YieldTest, ARequestInTwoTlsRecordsIsAnswered) {
  const Certificate certificate;
  options.tls_cert = certificate.cert_path();
  options.tls_key = certificate.key_path();

  const std::string response = answer_to(
      {"POST /health/accept HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n", "body"}, TestClient::Tls::on, {});

  EXPECT_TRUE(response.starts_with("HTTP/1.1 200 ")) << response;
  EXPECT_TRUE(response.ends_with(" body")) << response;
}

TEST_F(YieldTest, ARequestBehindAProxyHeaderIsAnswered) {
  const std::string header("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x07\x7f\0\0\x01\x30\x39\0\x50", 28);
  options.trusted_proxies = {"127.0.0.0/8"};

  const std::string response =
      answer_to({header + "GET /health/accept HTTP/1.1\r\nHost: x\r\n\r\n"}, TestClient::Tls::off, header);

  EXPECT_TRUE(response.starts_with("HTTP/1.1 200 ")) << response;
  EXPECT_NE(response.find("from 192.0.2.7"), std::string::npos) << response;
}

}  // namespace nx::gateway
