// Which tokens are refused and with which keys, and when a key set is fetched.

#include <array>
#include <future>
#include <map>

#include <gtest/gtest.h>

#include "component/auth/authenticator_fixture.hpp"

namespace nx::auth {
namespace {

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

}  // namespace
}  // namespace nx::auth
