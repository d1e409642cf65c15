// Tokens that somebody other than the identity service made.

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "auth/token_verification.hpp"
#include "fakes/token_issuer.hpp"

namespace nx::auth {
namespace {

using fakes::TokenIssuer;

constexpr EpochMs kNow{1'000'000'000'000};
constexpr std::string_view kPayload = R"({"userId":"u","exp":1000000100})";

std::string last_part(const std::string& token) {
  return token.substr(token.rfind('.') + 1);
}
std::string without_signature(const std::string& token) {
  return token.substr(0, token.rfind('.') + 1);
}

class Forgery : public testing::Test {
 protected:
  TokenIssuer issuer{"ES256", "one"};
  TokenIssuer stranger{"ES256", "one"};
  KeySet keys = *KeySet::parse(fakes::key_set_text({issuer.jwk()}));
  TokenRules rules = TokenRules::from({});

  AuthResult verify(const std::string& token) const { return verify_token(token, &keys, rules, kNow).result; }
  AuthError refusal(const std::string& token) const {
    const auto result = verify(token);
    EXPECT_FALSE(result) << token;
    return result ? AuthError{} : result.error();
  }
};

TEST_F(Forgery, the_issuers_own_token_is_taken) {
  EXPECT_TRUE(verify(issuer.token(kPayload)));
}

TEST_F(Forgery, another_key_under_the_same_kid_is_a_bad_signature) {
  EXPECT_EQ(refusal(stranger.token(kPayload)), AuthError::bad_signature);
}

TEST_F(Forgery, no_algorithm_and_hmac_are_refused_in_every_letter_case) {
  for (const char* alg : {"none", "None", "NONE", "", "HS256", "HS384", "HS512", "es256", "ES256K", "RS1", "A128KW"}) {
    const std::string header = R"({"alg":")" + std::string(alg) + R"(","kid":"one"})";
    EXPECT_EQ(refusal(issuer.token_with(header, kPayload)), AuthError::refused_algorithm) << alg;
    EXPECT_EQ(refusal(TokenIssuer::encode(header) + "." + TokenIssuer::encode(kPayload) + "."),
              AuthError::refused_algorithm)
        << alg;
  }
}

TEST_F(Forgery, a_public_rsa_key_is_no_hmac_secret) {
  const TokenIssuer rsa("RS256", "rsa");
  const std::string jwk = rsa.jwk();
  const std::string text = TokenIssuer::encode(R"({"alg":"HS256","kid":"rsa"})") + "." + TokenIssuer::encode(kPayload);
  std::uint8_t mac[32];
  unsigned size = 0;
  HMAC(EVP_sha256(), jwk.data(), static_cast<int>(jwk.size()), reinterpret_cast<const std::uint8_t*>(text.data()),
       text.size(), mac, &size);
  keys = *KeySet::parse(fakes::key_set_text({jwk}));

  EXPECT_EQ(refusal(text + "." + crypto::base64url_encode(mac)), AuthError::refused_algorithm);
}

TEST_F(Forgery, an_algorithm_is_held_to_the_keys_type_and_curve) {
  for (const char* alg : {"ES384", "ES512", "RS256", "PS256", "EdDSA"}) {
    const std::string header = R"({"alg":")" + std::string(alg) + R"(","kid":"one"})";
    EXPECT_EQ(refusal(issuer.token_with(header, kPayload)), AuthError::refused_algorithm) << alg;
  }
}

TEST_F(Forgery, an_algorithm_is_held_to_the_keys_own_alg) {
  const TokenIssuer rs("RS256", "rsa");
  keys = *KeySet::parse(fakes::key_set_text({rs.jwk()}));
  EXPECT_TRUE(verify(rs.token(kPayload)));
  EXPECT_EQ(refusal(rs.token_with(R"({"alg":"RS512","kid":"rsa"})", kPayload)), AuthError::refused_algorithm);
  EXPECT_EQ(refusal(rs.token_with(R"({"alg":"PS256","kid":"rsa"})", kPayload)), AuthError::refused_algorithm);
}

TEST_F(Forgery, keys_inside_a_token_are_not_read) {
  const std::string jwk = stranger.bare_jwk();
  for (const std::string& member : {R"("jwk":)" + jwk, std::string(R"("jku":"http://127.0.0.1:1/keys")"),
                                    std::string(R"("x5u":"http://127.0.0.1:1")"), std::string(R"("x5c":["MIIB"])")}) {
    EXPECT_EQ(refusal(stranger.token_with(R"({"alg":"ES256","kid":"one",)" + member + "}", kPayload)),
              AuthError::bad_signature);
    EXPECT_TRUE(verify(issuer.token_with(R"({"alg":"ES256","kid":"one",)" + member + "}", kPayload)));
  }
}

TEST_F(Forgery, every_crit_is_refused) {
  for (const char* crit : {R"(["b64"])", R"(["exp"])", "[]", "null"}) {
    EXPECT_EQ(refusal(issuer.token_with(R"({"alg":"ES256","kid":"one","b64":false,"crit":)" + std::string(crit) + "}",
                                        kPayload)),
              AuthError::refused_header);
  }
}

TEST_F(Forgery, a_signature_of_another_width_or_of_zeros_is_bad) {
  const std::string token = issuer.token(kPayload);
  const auto good = *crypto::base64url_decode(last_part(token));
  const auto refused = [&](const crypto::Bytes& signature) {
    EXPECT_EQ(refusal(without_signature(token) + crypto::base64url_encode(signature)), AuthError::bad_signature);
  };
  refused({});
  refused(crypto::Bytes(64, 0));
  refused(crypto::Bytes(good.begin(), good.end() - 1));
  crypto::Bytes longer = good;
  longer.push_back(0);
  refused(longer);
  crypto::Bytes der{0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01};
  refused(der);
}

TEST_F(Forgery, what_is_no_compact_token_is_malformed) {
  const std::string good = issuer.token(kPayload);
  for (const std::string& token :
       {std::string(), std::string("."), std::string(".."), std::string("a.b"), good + ".", good + "." + good,
        " " + good, good + "\n", good + "=", TokenIssuer::encode("[]") + ".e30.AA",
        TokenIssuer::encode("null") + ".e30.AA", TokenIssuer::encode("{}") + ".e30.AA",
        TokenIssuer::encode(R"({"alg":5})") + ".e30.AA", issuer.token_with(R"({"alg":"ES256","kid":5})", kPayload),
        issuer.token(R"("text")"), issuer.token("{"), issuer.token("\xff")}) {
    EXPECT_EQ(refusal(token), AuthError::malformed_token) << token;
  }
}

TEST_F(Forgery, a_claim_that_was_cut_within_an_emoji_costs_nobody_the_token) {
  const std::string cut =
      issuer.token(R"({"userId":"u","exp":1000000100,"name":"Lan \ud83d","\ud83d":{"a":["\ude00"]}})");
  ASSERT_TRUE(verify(cut));
  EXPECT_EQ(verify(cut)->user.id.value, "u");
  EXPECT_EQ(refusal(issuer.token(R"({"userId":"u\ud83d","exp":1000000100})")), AuthError::bad_claims);
  EXPECT_EQ(refusal(issuer.token_with(R"({"alg":"ES256","kid":"one\ud83d"})", kPayload)), AuthError::malformed_token);
}

TEST_F(Forgery, a_token_over_the_limit_is_not_even_read) {
  const std::string padding(8 * 1024, 'x');
  EXPECT_EQ(refusal(issuer.token(R"({"userId":"u","exp":1000000100,"x":")" + padding + R"("})")),
            AuthError::malformed_token);
}

TEST_F(Forgery, without_keys_a_token_is_judged_only_for_what_no_key_could_save) {
  const Verdict garbage = verify_token("garbage", nullptr, rules, kNow);
  const Verdict good = verify_token(issuer.token(kPayload), nullptr, rules, kNow);

  EXPECT_EQ(garbage.result.error(), AuthError::malformed_token);
  EXPECT_FALSE(garbage.newer_keys_may_help);
  EXPECT_EQ(good.result.error(), AuthError::jwks_unreachable);
  EXPECT_TRUE(good.newer_keys_may_help);
}

TEST(ForgeryOfEveryAlgorithm, signs_and_is_verified_by_its_own_key_alone) {
  const TokenRules rules = TokenRules::from({});
  std::vector<std::unique_ptr<TokenIssuer>> issuers;
  std::vector<std::string> jwks;
  for (const char* alg : {"ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA"}) {
    issuers.push_back(std::make_unique<TokenIssuer>(alg, alg));
    jwks.push_back(issuers.back()->jwk());
  }
  const KeySet keys = *KeySet::parse(fakes::key_set_text(jwks));
  ASSERT_EQ(keys.size(), issuers.size());
  for (const auto& issuer : issuers) {
    const std::string token = issuer->token(kPayload);
    EXPECT_TRUE(verify_token(token, &keys, rules, kNow).result) << issuer->kid();
    const std::string other = without_signature(token) + last_part(issuer->token(R"({"userId":"v","exp":1000000100})"));
    EXPECT_EQ(verify_token(other, &keys, rules, kNow).result.error(), AuthError::bad_signature) << issuer->kid();
  }
}

}  // namespace
}  // namespace nx::auth
