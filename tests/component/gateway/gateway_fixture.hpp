#pragma once
// A running gateway with its issuer, for one test.

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gateway/gateway.hpp"
#include "issuer.hpp"
#include "test_client.hpp"

namespace nx::gateway {

class GatewayTest : public testing::Test {
 protected:
  GatewayTest() {
    options.host = "127.0.0.1";
    options.port = 0;
    options.workers = 2;
    options.drain = std::chrono::milliseconds(0);
    options.shutdown_grace = std::chrono::milliseconds(200);
    // Only the tests that shorten these time-outs are about them; in all others they must not end on a busy machine.
    options.session.auth_timeout *= kPatience;
    options.request_head_timeout *= kPatience;
    options.request_body_timeout *= kPatience;
    options.unread_answer_timeout *= kPatience;
    handler = [](transport::HttpRequest request, runtime::EventLoop&, const transport::Respond& respond) {
      transport::HttpResponse response;
      response.body = request.method + " " + request.path + " from " + request.peer_address + " " + request.body;
      respond(std::move(response));
    };
  }

  void start() {
    if (!auth_options.fetch_keys) auth_options.fetch_keys = [this]() -> Result<std::string> { return issuer.jwks(); };
    authenticator = std::make_unique<auth::Authenticator>(auth_options, log);
    gateway = std::make_unique<Gateway>(options, *authenticator, lookups, handler, log);
    const Result<void> started = gateway->start();
    ASSERT_TRUE(started) << started.error().message;
  }

  TestClient client(const std::string& user_json = "\"u1\"", const std::string& more = {}) {
    TestClient out(gateway->port());
    EXPECT_TRUE(out.connect(issuer.token(user_json), more)) << out.connected();
    return out;
  }

  static fanout::Payload payload(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

  /// Waits for what another thread brings about; the deadline is the failure.
  static bool eventually(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + kPatience * std::chrono::seconds(5);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
  }

  GatewayOptions options;
  auth::AuthOptions auth_options;
  session::Lookups lookups;
  transport::HttpHandler handler;
  observe::Logger log{{.level = observe::Level::error}};
  Issuer issuer;
  std::unique_ptr<auth::Authenticator> authenticator;
  std::unique_ptr<Gateway> gateway;
};

}  // namespace nx::gateway
