// A key set that cannot be fetched, or is not one.

#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "auth/key_set_download.hpp"
#include "component/auth/authenticator_fixture.hpp"
#include "patience.hpp"

namespace nx::auth {
namespace {

using KeySetFetchTest = AuthenticatorTest;

TEST_F(KeySetFetchTest, asks_as_the_reference_does) {
  Authenticator authenticator(options(), log);
  ASSERT_TRUE(ask(authenticator, issuer.token(payload())));

  EXPECT_TRUE(server.last_request().starts_with("GET /jw-certs HTTP/1.1\r\n")) << server.last_request();
  EXPECT_NE(server.last_request().find("\r\nAccept: application/json, application/jwk-set+json\r\n"),
            std::string::npos);
}

TEST_F(KeySetFetchTest, a_set_beyond_its_life_is_no_set_when_the_fetch_fails) {
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

TEST_F(KeySetFetchTest, a_dead_server_refuses_everybody_and_is_asked_once_a_second) {
  server.answer("gone", "500 Internal Server Error");
  Authenticator authenticator(options(), log);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 50; ++i) EXPECT_EQ(refusal(authenticator, issuer.token(payload())), AuthError::jwks_unreachable);
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - start).count();

  EXPECT_LE(server.requests(), seconds + 1);
  EXPECT_EQ(authenticator.stats().failed_fetches, static_cast<std::uint64_t>(server.requests()));
}

TEST_F(KeySetFetchTest, a_server_that_comes_back_is_noticed_a_second_later) {
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

TEST_F(KeySetFetchTest, an_issuer_in_this_process_is_asked_instead_of_the_url) {
  AuthOptions embedded = options();
  embedded.fetch_keys = [this] { return Result<std::string>(key_set_text({other.jwk()})); };
  Authenticator authenticator(embedded, log);

  EXPECT_TRUE(ask(authenticator, other.token(payload())));
  EXPECT_EQ(refusal(authenticator, issuer.token(payload())), AuthError::unknown_key);
  EXPECT_EQ(server.requests(), 0);
}

TEST_F(KeySetFetchTest, nobody_listening_is_an_unreachable_key_set) {
  AuthOptions nowhere = options();
  nowhere.jwks_url = "http://127.0.0.1:1/jw-certs";
  Authenticator authenticator(nowhere, log);
  EXPECT_EQ(refusal(authenticator, issuer.token(payload())), AuthError::jwks_unreachable);
}

TEST_F(KeySetFetchTest, a_redirect_is_a_failure_and_not_followed) {
  KeySetServer elsewhere(key_set_text({issuer.jwk()}));
  server.answer("", "302 Found", "Location: " + elsewhere.url() + "\r\n");
  Authenticator authenticator(options(), log);

  EXPECT_EQ(refusal(authenticator, issuer.token(payload())), AuthError::jwks_unreachable);
  EXPECT_EQ(elsewhere.requests(), 0);
}

TEST_F(KeySetFetchTest, only_status_200_is_a_key_set) {
  server.answer(key_set_text({issuer.jwk()}), "201 Created");
  Authenticator authenticator(options(), log);
  EXPECT_EQ(refusal(authenticator, issuer.token(payload())), AuthError::jwks_unreachable);
}

TEST_F(KeySetFetchTest, a_set_of_65_keys_is_refused_whole) {
  server.answer(key_set_text(std::vector(65, issuer.jwk())));
  Authenticator authenticator(options(), log);
  EXPECT_EQ(refusal(authenticator, issuer.token(payload())), AuthError::jwks_unreachable);
}

TEST_F(KeySetFetchTest, header_fields_over_64_kib_are_refused) {
  std::string fields;
  for (int i = 0; i < 1'000; ++i) fields += "X-" + std::to_string(i) + ": " + std::string(100, 'a') + "\r\n";
  server.answer(key_set_text({issuer.jwk()}), "200 OK", fields);
  Authenticator authenticator(options(), log);
  EXPECT_EQ(refusal(authenticator, issuer.token(payload())), AuthError::jwks_unreachable);
}

TEST_F(KeySetFetchTest, a_body_over_256_kib_is_refused_and_one_of_that_size_is_not) {
  const std::string set = key_set_text({issuer.jwk()});
  server.answer(set + std::string(kMaxKeySetBytes - set.size() + 1, ' '));
  Authenticator over(options(), log);
  EXPECT_EQ(refusal(over, issuer.token(payload())), AuthError::jwks_unreachable);

  server.answer(set + std::string(kMaxKeySetBytes - set.size(), ' '));
  Authenticator at_the_limit(options(), log);
  EXPECT_TRUE(ask(at_the_limit, issuer.token(payload())));
}

TEST_F(KeySetFetchTest, a_server_that_does_not_answer_is_given_up_after_the_time_out) {
  AuthOptions quick = options();
  quick.jwks_timeout = 100ms;
  server.hold();
  Authenticator authenticator(quick, log);

  EXPECT_EQ(refusal(authenticator, issuer.token(payload())), AuthError::jwks_unreachable);
}

TEST_F(KeySetFetchTest, ends_quickly_during_a_fetch_and_drops_who_waits) {
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

TEST_F(KeySetFetchTest, a_dead_key_set_server_leaves_other_refusals_as_they_are) {
  server.answer("", "500 Internal Server Error");
  Authenticator authenticator(options(), log);
  EXPECT_EQ(refusal(authenticator, issuer.token_with(R"({"alg":"none"})", payload())), AuthError::refused_algorithm);
  EXPECT_EQ(server.requests(), 0);
}

}  // namespace
}  // namespace nx::auth
