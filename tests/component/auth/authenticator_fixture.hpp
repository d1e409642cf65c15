#pragma once
// An authenticator, the server of its keys, and a worker that asks.

#include <fcntl.h>
#include <future>
#include <memory>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "auth/authenticator.hpp"
#include "component/auth/key_set_server.hpp"
#include "fakes/token_issuer.hpp"

namespace nx::auth {

using fakes::key_set_text;
using fakes::TokenIssuer;
using namespace std::chrono_literals;

/// A worker: its loop runs on a thread of its own.
class Worker {
 public:
  Worker() : thread_([this] { loop_.run(); }) {}
  ~Worker() {
    loop_.stop();
    thread_.join();
  }

  std::future<AuthResult> ask(Authenticator& authenticator, std::string token, const std::string& peer = "192.0.2.7") {
    auto promise = std::make_shared<std::promise<AuthResult>>();
    auto future = promise->get_future();
    loop_.post([this, &authenticator, token = std::move(token), peer, promise] {
      const auto done = [this, promise](AuthResult result) {
        EXPECT_TRUE(loop_.is_home());
        promise->set_value(std::move(result));
      };
      authenticator.authenticate(token, loop_, done, peer);
    });
    return future;
  }

  /// Returns when everything posted so far has run.
  void settle() {
    std::promise<void> done;
    loop_.post([&] { done.set_value(); });
    done.get_future().wait();
  }

 private:
  runtime::EventLoop loop_{"auth-test"};
  std::thread thread_;
};

inline std::string payload(const std::string& user = "u") {
  return R"({"userId":")" + user + R"(","exp":)" + std::to_string(now_wall().value / 1'000 + 600) + "}";
}

class AuthenticatorTest : public testing::Test {
 protected:
  TokenIssuer issuer{"ES256", "one"};
  TokenIssuer other{"ES256", "two"};
  KeySetServer server{key_set_text({issuer.jwk()})};
  const int null_device = open("/dev/null", O_WRONLY | O_CLOEXEC);
  const observe::Logger log{{observe::Level::error, observe::LogFormat::json, null_device}};
  Worker worker;

  ~AuthenticatorTest() override { close(null_device); }

  AuthOptions options() const {
    AuthOptions options;
    options.jwks_url = server.url();
    return options;
  }
  AuthResult ask(Authenticator& authenticator, const std::string& token) {
    return worker.ask(authenticator, token).get();
  }
  AuthError refusal(Authenticator& authenticator, const std::string& token) {
    const auto result = ask(authenticator, token);
    EXPECT_FALSE(result);
    return result ? AuthError{} : result.error();
  }
};

}  // namespace nx::auth
