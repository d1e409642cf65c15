#include "auth/authenticator.hpp"

#include <array>
#include <fcntl.h>
#include <future>
#include <map>
#include <thread>

#include <gtest/gtest.h>

#include "auth/key_set_download.hpp"
#include "fakes/token_issuer.hpp"
#include "key_set_server.hpp"
#include "patience.hpp"

namespace nx::auth {
namespace {

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

std::string payload(const std::string& user = "u") {
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

TEST_F(AuthenticatorTest, a_token_that_was_verified_before_is_refused_once_it_is_taken_back) {
  Authenticator authenticator(options(), log);
  const auto token = [this](std::int64_t iat) {
    std::string claims = payload();
    claims.back() = ',';
    return issuer.token(claims + R"("iat":)" + std::to_string(iat) + '}');
  };
  const std::string timeless = issuer.token(payload());
  ASSERT_TRUE(ask(authenticator, token(1'000)) && ask(authenticator, token(1'002)) && ask(authenticator, timeless));

  authenticator.revocations().add({"u"}, {1'001'500});

  EXPECT_EQ(refusal(authenticator, token(1'000)), AuthError::revoked);
  EXPECT_EQ(refusal(authenticator, timeless), AuthError::revoked);
  EXPECT_TRUE(ask(authenticator, token(1'002)));
  EXPECT_TRUE(ask(authenticator, issuer.token(payload("other"))));
}

TEST_F(AuthenticatorTest, counts_every_refusal_by_its_reason_and_says_whose_it_was_once_a_second) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  std::string text(65'536, '\0');
  const std::string forged = TokenIssuer("ES256", "one").token(payload());
  {
    const observe::Logger to_pipe{{observe::Level::info, observe::LogFormat::json, ends[1]}};
    Authenticator authenticator(options(), to_pipe);
    for (int i = 0; i < 30; ++i) EXPECT_EQ(refusal(authenticator, forged), AuthError::bad_signature);
    EXPECT_EQ(refusal(authenticator, ""), AuthError::missing_token);
    EXPECT_EQ(refusal(authenticator, "a.b.c"), AuthError::malformed_token);
    EXPECT_EQ(refusal(authenticator, issuer.token(R"({"userId":"u","exp":1})")), AuthError::expired);
    EXPECT_TRUE(ask(authenticator, issuer.token(payload())));
    authenticator.refused(AuthError::other_user, "192.0.2.7");
    std::map<AuthError, std::uint64_t> refused;
    for (const auto& one : authenticator.stats().refused) refused[one.reason] = one.count;
    EXPECT_EQ(refused.size(), kAuthErrors);
    EXPECT_EQ(refused[AuthError::bad_signature], 30U);
    EXPECT_EQ(refused[AuthError::missing_token], 1U);
    EXPECT_EQ(refused[AuthError::malformed_token], 1U);
    EXPECT_EQ(refused[AuthError::expired], 1U);
    EXPECT_EQ(refused[AuthError::wrong_issuer], 0U);
    EXPECT_EQ(refused[AuthError::other_user], 1U);
  }
  close(ends[1]);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(read(ends[0], text.data(), text.size()), 0)));
  close(ends[0]);
  EXPECT_NE(text.find(R"("event":"token refused","reason":"bad_signature","peer":"192.0.2.7","suppressed":0})"),
            std::string::npos)
      << text;
  std::size_t lines = 0;
  for (std::size_t at = 0; (at = text.find("token refused", at)) != std::string::npos; ++at) ++lines;
  EXPECT_LT(lines, 33U) << "a line a second, not one a token";
  EXPECT_EQ(text.find(forged.substr(forged.rfind('.') + 1)), std::string::npos) << "no token";
}

TEST_F(AuthenticatorTest, names_keys_that_can_not_be_used) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  server.answer(key_set_text({issuer.jwk(), R"({"kty":"EC","crv":"P-256","kid":"flat","x":"AQ","y":"AQ"})"}));
  {
    const observe::Logger to_pipe{{observe::Level::info, observe::LogFormat::json, ends[1]}};
    Authenticator authenticator(options(), to_pipe);
    EXPECT_TRUE(ask(authenticator, issuer.token(payload())));
    EXPECT_EQ(authenticator.stats().unusable_keys, 1U);
  }
  std::string text(4'096, '\0');
  close(ends[1]);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(read(ends[0], text.data(), text.size()), 0)));
  close(ends[0]);
  EXPECT_NE(text.find(R"("kid":"flat","reason":"x and y are not a point of P-256")"), std::string::npos) << text;
}

TEST_F(AuthenticatorTest, fetches_nothing_before_the_first_token) {
  Authenticator authenticator(options(), log);
  EXPECT_EQ(refusal(authenticator, "garbage"), AuthError::malformed_token);

  EXPECT_EQ(server.requests(), 0);
  EXPECT_EQ(authenticator.stats().fetches, 0U);
}

TEST_F(AuthenticatorTest, one_fetch_answers_everybody_who_waits_for_it) {
  Authenticator authenticator(options(), log);
  server.hold();
  std::vector<std::future<AuthResult>> answers;
  for (int i = 0; i < 200; ++i) answers.push_back(worker.ask(authenticator, issuer.token(payload(std::to_string(i)))));
  worker.settle();
  for (auto& answer : answers) EXPECT_EQ(answer.wait_for(0s), std::future_status::timeout);
  server.release();

  for (int i = 0; i < 200; ++i) EXPECT_EQ(answers[static_cast<std::size_t>(i)].get()->user.id.value, std::to_string(i));
  EXPECT_EQ(server.requests(), 1);
  EXPECT_EQ(authenticator.stats().keys, 1U);
}

TEST_F(AuthenticatorTest, answers_before_it_returns_once_the_key_is_known) {
  Authenticator authenticator(options(), log);
  ASSERT_TRUE(ask(authenticator, issuer.token(payload())));
  server.hold();

  EXPECT_TRUE(ask(authenticator, issuer.token(payload("v"))));
  EXPECT_EQ(refusal(authenticator, TokenIssuer("ES256", "one").token(payload())), AuthError::bad_signature);
  EXPECT_EQ(server.requests(), 1);
}

TEST_F(AuthenticatorTest, asks_as_the_reference_does) {
  Authenticator authenticator(options(), log);
  ASSERT_TRUE(ask(authenticator, issuer.token(payload())));

  EXPECT_TRUE(server.last_request().starts_with("GET /jw-certs HTTP/1.1\r\n")) << server.last_request();
  EXPECT_NE(server.last_request().find("\r\nAccept: application/json, application/jwk-set+json\r\n"),
            std::string::npos);
}

TEST_F(AuthenticatorTest, an_unknown_key_within_the_cool_down_is_refused_without_a_fetch) {
  Authenticator authenticator(options(), log);
  ASSERT_TRUE(ask(authenticator, issuer.token(payload())));
  server.answer(key_set_text({issuer.jwk(), other.jwk()}));

  for (int i = 0; i < 20; ++i) EXPECT_EQ(refusal(authenticator, other.token(payload())), AuthError::unknown_key);
  EXPECT_EQ(server.requests(), 1);
}

TEST_F(AuthenticatorTest, an_unknown_key_after_the_cool_down_is_fetched_once) {
  AuthOptions quick = options();
  quick.jwks_cooldown = 0ms;
  Authenticator authenticator(quick, log);
  ASSERT_TRUE(ask(authenticator, issuer.token(payload())));
  server.answer(key_set_text({issuer.jwk(), other.jwk()}));

  EXPECT_TRUE(ask(authenticator, other.token(payload())));
  EXPECT_EQ(server.requests(), 2);
  EXPECT_EQ(refusal(authenticator, TokenIssuer("ES256", "three").token(payload())), AuthError::unknown_key);
  EXPECT_EQ(server.requests(), 3);
}

TEST_F(AuthenticatorTest, a_withdrawn_key_is_refused_after_the_next_good_fetch_though_its_token_was_cached) {
  AuthOptions quick = options();
  quick.jwks_cooldown = 0ms;
  Authenticator authenticator(quick, log);
  const std::string token = issuer.token(payload());
  ASSERT_TRUE(ask(authenticator, token));
  ASSERT_TRUE(ask(authenticator, token));
  server.answer(key_set_text({other.jwk()}));
  ASSERT_TRUE(ask(authenticator, other.token(payload())));

  EXPECT_EQ(refusal(authenticator, token), AuthError::unknown_key);
}

TEST_F(AuthenticatorTest, the_set_is_refetched_at_half_of_its_life_without_being_asked) {
  AuthOptions quick = options();
  quick.jwks_ttl = 200ms;
  Authenticator authenticator(quick, log);
  ASSERT_TRUE(ask(authenticator, issuer.token(payload())));

  server.await_requests(4);
  EXPECT_TRUE(ask(authenticator, issuer.token(payload())));
}

TEST_F(AuthenticatorTest, a_life_of_nothing_is_neither_a_storm_of_fetches_nor_a_locked_door) {
  AuthOptions eager = options();
  eager.jwks_ttl = 0ms;
  Authenticator authenticator(eager, log);
  const auto start = std::chrono::steady_clock::now();

  EXPECT_TRUE(ask(authenticator, issuer.token(payload())));
  server.await_requests(3);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 90ms);
}

TEST_F(AuthenticatorTest, a_set_beyond_its_life_is_no_set_when_the_fetch_fails) {
  AuthOptions quick = options();
  quick.jwks_ttl = 100ms;
  Authenticator authenticator(quick, log);
  const std::string token = issuer.token(payload());
  ASSERT_TRUE(ask(authenticator, token));
  server.answer("", "503 Service Unavailable");
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  AuthResult result = ask(authenticator, token);
  while (result && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
    result = ask(authenticator, token);
  }

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), AuthError::jwks_unreachable);
}

TEST_F(AuthenticatorTest, a_dead_server_refuses_everybody_and_is_asked_once_a_second) {
  server.answer("gone", "500 Internal Server Error");
  Authenticator authenticator(options(), log);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 50; ++i) EXPECT_EQ(refusal(authenticator, issuer.token(payload())), AuthError::jwks_unreachable);
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - start).count();

  EXPECT_LE(server.requests(), seconds + 1);
  EXPECT_EQ(authenticator.stats().failed_fetches, static_cast<std::uint64_t>(server.requests()));
}

TEST_F(AuthenticatorTest, a_server_that_comes_back_is_noticed_a_second_later) {
  server.answer("gone", "500 Internal Server Error");
  Authenticator authenticator(options(), log);
  EXPECT_EQ(refusal(authenticator, issuer.token(payload())), AuthError::jwks_unreachable);
  const auto start = std::chrono::steady_clock::now();
  server.answer(key_set_text({issuer.jwk()}));
  while (!ask(authenticator, issuer.token(payload()))) {
    ASSERT_LT(std::chrono::steady_clock::now() - start, kPatience * 10s);
    std::this_thread::yield();
  }

  EXPECT_GE(std::chrono::steady_clock::now() - start, 900ms);
  EXPECT_EQ(server.requests(), 2);
}

TEST_F(AuthenticatorTest, an_issuer_in_this_process_is_asked_instead_of_the_url) {
  AuthOptions embedded = options();
  embedded.fetch_keys = [this] { return Result<std::string>(key_set_text({other.jwk()})); };
  Authenticator authenticator(embedded, log);

  EXPECT_TRUE(ask(authenticator, other.token(payload())));
  EXPECT_EQ(refusal(authenticator, issuer.token(payload())), AuthError::unknown_key);
  EXPECT_EQ(server.requests(), 0);
}

TEST_F(AuthenticatorTest, nobody_listening_is_an_unreachable_key_set) {
  AuthOptions nowhere = options();
  nowhere.jwks_url = "http://127.0.0.1:1/jw-certs";
  Authenticator authenticator(nowhere, log);
  EXPECT_EQ(refusal(authenticator, issuer.token(payload())), AuthError::jwks_unreachable);
}

TEST_F(AuthenticatorTest, a_redirect_is_a_failure_and_not_followed) {
  KeySetServer elsewhere(key_set_text({issuer.jwk()}));
  server.answer("", "302 Found", "Location: " + elsewhere.url() + "\r\n");
  Authenticator authenticator(options(), log);

  EXPECT_EQ(refusal(authenticator, issuer.token(payload())), AuthError::jwks_unreachable);
  EXPECT_EQ(elsewhere.requests(), 0);
}

TEST_F(AuthenticatorTest, only_status_200_is_a_key_set) {
  server.answer(key_set_text({issuer.jwk()}), "201 Created");
  Authenticator authenticator(options(), log);
  EXPECT_EQ(refusal(authenticator, issuer.token(payload())), AuthError::jwks_unreachable);
}

TEST_F(AuthenticatorTest, a_set_of_65_keys_is_refused_whole) {
  server.answer(key_set_text(std::vector(65, issuer.jwk())));
  Authenticator authenticator(options(), log);
  EXPECT_EQ(refusal(authenticator, issuer.token(payload())), AuthError::jwks_unreachable);
}

TEST_F(AuthenticatorTest, header_fields_over_64_kib_are_refused) {
  std::string fields;
  for (int i = 0; i < 1'000; ++i) fields += "X-" + std::to_string(i) + ": " + std::string(100, 'a') + "\r\n";
  server.answer(key_set_text({issuer.jwk()}), "200 OK", fields);
  Authenticator authenticator(options(), log);
  EXPECT_EQ(refusal(authenticator, issuer.token(payload())), AuthError::jwks_unreachable);
}

TEST_F(AuthenticatorTest, a_body_over_256_kib_is_refused_and_one_of_that_size_is_not) {
  const std::string set = key_set_text({issuer.jwk()});
  server.answer(set + std::string(kMaxKeySetBytes - set.size() + 1, ' '));
  Authenticator over(options(), log);
  EXPECT_EQ(refusal(over, issuer.token(payload())), AuthError::jwks_unreachable);

  server.answer(set + std::string(kMaxKeySetBytes - set.size(), ' '));
  Authenticator at_the_limit(options(), log);
  EXPECT_TRUE(ask(at_the_limit, issuer.token(payload())));
}

TEST_F(AuthenticatorTest, a_server_that_does_not_answer_is_given_up_after_the_time_out) {
  AuthOptions quick = options();
  quick.jwks_timeout = 100ms;
  server.hold();
  Authenticator authenticator(quick, log);

  EXPECT_EQ(refusal(authenticator, issuer.token(payload())), AuthError::jwks_unreachable);
}

TEST_F(AuthenticatorTest, ends_quickly_during_a_fetch_and_drops_who_waits) {
  AuthOptions slow = options();
  slow.jwks_timeout = 1h;
  server.hold();
  auto authenticator = std::make_unique<Authenticator>(slow, log);
  auto answer = worker.ask(*authenticator, issuer.token(payload()));
  server.await_requests(1);
  worker.settle();
  authenticator.reset();  // the time-out of the fetch is an hour

  EXPECT_THROW(answer.get(), std::future_error);  // the callback died uncalled
}

TEST_F(AuthenticatorTest, a_dead_key_set_server_leaves_other_refusals_as_they_are) {
  server.answer("", "500 Internal Server Error");
  Authenticator authenticator(options(), log);
  EXPECT_EQ(refusal(authenticator, issuer.token_with(R"({"alg":"none"})", payload())), AuthError::refused_algorithm);
  EXPECT_EQ(server.requests(), 0);
}

TEST(KeySetUrl, plain_http_is_remarkable_only_off_loopback) {
  EXPECT_TRUE(is_plain_off_loopback("http://identity.internal/jw-certs"));
  EXPECT_TRUE(is_plain_off_loopback("HTTP://10.0.0.1:8080/"));
  for (const char* url : {"https://identity.internal/jw-certs", "http://localhost:3001/x", "http://127.0.0.1:3001/x",
                          "http://[::1]/x", "nonsense"}) {
    EXPECT_FALSE(is_plain_off_loopback(url)) << url;
  }
}

}  // namespace
}  // namespace nx::auth
