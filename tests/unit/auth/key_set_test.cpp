#include "auth/key_set.hpp"

#include <gtest/gtest.h>

#include "auth/token_verification.hpp"
#include "crypto/base64.hpp"
#include "fakes/token_issuer.hpp"
#include "json/value.hpp"

namespace nx::auth {
namespace {

using fakes::key_set_text;
using fakes::TokenIssuer;
using Found = KeySet::Found;

std::size_t keys_in(const std::vector<std::string>& jwks) {
  const auto set = KeySet::parse(key_set_text(jwks));
  EXPECT_TRUE(set) << set.error().message;
  return set ? set->size() : 0;
}

TEST(KeySet, refuses_what_is_no_key_set) {
  for (const char* text : {"", "[]", "{}", "null", R"({"keys":{}})", R"({"keys":null})", R"({"keys":[1]})",
                           R"({"keys":[null]})", R"({"keys":[]} x)"}) {
    EXPECT_FALSE(KeySet::parse(text)) << text;
  }
  EXPECT_EQ(keys_in({}), 0U);
}

TEST(KeySet, a_text_that_was_cut_within_an_emoji_costs_no_key) {
  const TokenIssuer issuer("ES256", "k");
  EXPECT_EQ(keys_in({issuer.jwk(R"(,"x-owner":"Lan \ud83d")")}), 1U);
}

TEST(KeySet, refuses_the_whole_set_of_more_than_64_keys_of_whatever_type) {
  const TokenIssuer issuer("ES256", "k");
  EXPECT_EQ(keys_in(std::vector(64, issuer.jwk())), 64U);
  EXPECT_FALSE(KeySet::parse(key_set_text(std::vector(65, issuer.jwk()))));
  EXPECT_FALSE(KeySet::parse(key_set_text(std::vector<std::string>(65, R"({"kty":"oct"})"))));
}

TEST(KeySet, leaves_out_unknown_types_and_curves) {
  const TokenIssuer issuer("ES256", "k");
  EXPECT_EQ(keys_in({R"({"kty":"oct","k":"AAAA"})", R"({"kty":"AKP"})", "{}", R"({"kty":5})",
                     R"({"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"})", R"({"kty":"OKP","crv":"X25519","x":"AA"})",
                     issuer.jwk()}),
            1U);
}

TEST(KeySet, leaves_out_keys_for_another_use) {
  const TokenIssuer issuer("ES256", "k");
  EXPECT_EQ(keys_in({issuer.jwk(R"(,"key_ops":["verify"])")}), 1U);
  EXPECT_EQ(keys_in({issuer.jwk(R"(,"use":"enc")"), issuer.jwk(R"(,"use":5)"), issuer.jwk(R"(,"key_ops":["sign"])"),
                     issuer.jwk(R"(,"key_ops":"verify")"), issuer.jwk(R"(,"kid":5)"), issuer.jwk(R"(,"alg":null)")}),
            0U);
}

TEST(KeySet, leaves_out_points_off_the_curve_and_of_another_width) {
  const std::string x = TokenIssuer::encode(std::string(32, '\x01'));
  EXPECT_EQ(keys_in({R"({"kty":"EC","crv":"P-256","x":")" + x + R"(","y":")" + x + R"("})",
                     R"({"kty":"EC","crv":"P-256","x":")" + x + R"("})",
                     R"({"kty":"EC","crv":"P-384","x":")" + x + R"(","y":")" + x + R"("})",
                     R"({"kty":"EC","crv":"P-256","x":"","y":""})", R"({"kty":"OKP","crv":"Ed25519","x":"AAAA"})",
                     R"({"kty":"OKP","crv":"Ed448","x":")" + x + R"("})"}),
            0U);
}

TEST(KeySet, pads_and_trims_coordinates_to_the_width_of_the_curve) {
  for (const char* const algorithm : {"ES256", "ES384", "ES512"}) {
    for (int tries = 0; tries < 10'000; ++tries) {
      const TokenIssuer issuer(algorithm, "k");
      const json::Value jwk = *json::parse(issuer.jwk());
      const auto octets = [&](const char* name) { return *crypto::base64url_decode(jwk.find(name)->text()); };
      if (octets("x").front() != 0) continue;  // one key in 256; of P-521 every other
      const auto with = [&](auto change) {
        auto x = octets("x");
        auto y = octets("y");
        change(x);
        change(y);
        return R"({"kty":"EC","crv":")" + jwk.find("crv")->text() + R"(","kid":"k","x":")" +
               crypto::base64url_encode(x) + R"(","y":")" + crypto::base64url_encode(y) + R"("})";
      };
      const auto strip = [](auto& number) {
        while (!number.empty() && number.front() == 0) number.erase(number.begin());
      };
      const auto prepend = [](auto& number) { number.insert(number.begin(), 0); };
      const std::string token = issuer.token(R"({"userId":"u","exp":4000000000})");
      for (const std::string& other : {with(strip), with(prepend)}) {
        const auto set = KeySet::parse(key_set_text({other}));
        ASSERT_EQ(set->size(), 1U) << other;
        EXPECT_TRUE(set->unusable().empty());
        EXPECT_TRUE(verify_token(token, &*set, TokenRules{}, EpochMs{1'795'000'000'000}).result) << other;
      }
      const auto off = KeySet::parse(key_set_text({with([](auto& number) { number.push_back(1); })}));
      EXPECT_EQ(off->size(), 0U);
      break;
    }
  }
}

TEST(KeySet, names_what_can_not_be_used_and_why) {
  const TokenIssuer issuer("ES256", "good");
  const auto set = KeySet::parse(key_set_text(
      {issuer.jwk(), R"({"kty":"EC","crv":"P-256","kid":"flat","x":"AQ","y":"AQ"})",
       R"({"kty":"EC","crv":"secp256k1","kid":"coin","x":"AA","y":"AA"})", R"({"kty":"RSA","n":"AQAB","e":"AQAB"})",
       R"({"kty":"oct","kid":"shared","k":"AAAA"})", R"({"kty":"EC","use":"enc","kid":"for another use"})"}));
  std::vector<std::string> said;
  for (const auto& one : set->unusable()) said.push_back(one.kid + ": " + one.why);
  EXPECT_EQ(said, (std::vector<std::string>{"flat: x and y are not a point of P-256",
                                            "coin: the curve (crv) 'secp256k1' is not known",
                                            "#4: n and e are not an RSA key of 2048 to 8192 bits",
                                            "shared: the type (kty) 'oct' is not known or cannot verify"}));
  EXPECT_EQ(set->size(), 1U);
}

TEST(KeySet, names_all_that_is_left_out_but_keys_to_encrypt_with) {
  const TokenIssuer issuer("ES256", "k");
  const auto why = [&](const std::string& jwk) {
    const auto set = KeySet::parse(key_set_text({jwk}));
    EXPECT_EQ(set->size(), 0U) << jwk;
    return set->unusable().empty() ? std::string() : set->unusable().front().why;
  };
  const std::string x = TokenIssuer::encode(std::string(32, '\x01'));
  const std::string edwards = R"({"kty":"OKP","crv":"Ed25519","kid":"e","x":")" + x + R"(",)";
  EXPECT_EQ(why(issuer.jwk(R"(,"use":"enc")")), "");
  EXPECT_EQ(why(issuer.jwk(R"(,"use":5)")), "its use is not 'sig'");
  EXPECT_EQ(why(issuer.jwk(R"(,"use":"signature")")), "its use is not 'sig'");
  EXPECT_EQ(why(issuer.jwk(R"(,"key_ops":["sign"])")), "its operations (key_ops) do not list 'verify'");
  EXPECT_EQ(why(issuer.jwk(R"(,"key_ops":"verify")")), "its operations (key_ops) do not list 'verify'");
  EXPECT_EQ(why(edwards + R"("alg":"ES256"})"), "its algorithm (alg) 'ES256' does not fit its type or curve");
  EXPECT_EQ(why(edwards + R"("alg":"HS256"})"), "its algorithm (alg) 'HS256' is not known");
}

TEST(KeySet, takes_rsa_from_2048_to_8192_bits_with_an_odd_small_exponent) {
  const auto rsa = [](std::size_t bytes, char first, char last, std::string_view e) {
    std::string n(bytes, '\x55');
    n.front() = first;
    n.back() = last;
    return R"({"kty":"RSA","n":")" + TokenIssuer::encode(n) + R"(","e":")" + std::string(e) + R"("})";
  };
  EXPECT_EQ(
      keys_in({rsa(256, '\x80', '\x01', "AQAB"), rsa(1024, '\xff', '\x01', "AQAB"), rsa(256, '\x80', '\x01', "Aw")}),
      3U);
  EXPECT_EQ(keys_in({rsa(256, '\x7f', '\x01', "AQAB"), rsa(1025, '\x01', '\x01', "AQAB"),
                     rsa(128, '\xff', '\x01', "AQAB"), rsa(256, '\x80', '\x02', "AQAB"), rsa(256, '\x80', '\x01', "AQ"),
                     rsa(256, '\x80', '\x01', "Ag"), rsa(256, '\x80', '\x01', ""),
                     rsa(256, '\x80', '\x01', "AQEBAQEBAQEB"), rsa(60'000, '\x80', '\x01', "AQAB")}),
            0U);
}

TEST(KeySet, chooses_by_kid) {
  const TokenIssuer one("ES256", "one");
  const TokenIssuer two("ES256", "two");
  const KeySet set = *KeySet::parse(key_set_text({one.jwk(), two.jwk()}));

  EXPECT_EQ(set.select(Algorithm::es256, "one").found, Found::one);
  EXPECT_NE(set.select(Algorithm::es256, "one").key, set.select(Algorithm::es256, "two").key);
  EXPECT_EQ(set.select(Algorithm::es256, "three").found, Found::none);
  EXPECT_EQ(set.select(Algorithm::es256, "").found, Found::none);
  EXPECT_EQ(set.select(Algorithm::rs256, "one").found, Found::unfit);
}

TEST(KeySet, without_kid_the_only_key_that_fits_is_chosen) {
  const TokenIssuer one("ES256", "one");
  const TokenIssuer two("ES256", "two");
  const TokenIssuer other("EdDSA", "other");
  const KeySet set = *KeySet::parse(key_set_text({one.jwk(), other.jwk()}));

  EXPECT_EQ(set.select(Algorithm::es256, std::nullopt).found, Found::one);
  EXPECT_EQ(set.select(Algorithm::es384, std::nullopt).found, Found::none);
  EXPECT_EQ(KeySet::parse(key_set_text({one.jwk(), two.jwk()}))->select(Algorithm::es256, std::nullopt).found,
            Found::several);
}

TEST(KeySet, a_key_that_is_listed_twice_is_one_key) {
  const TokenIssuer one("ES256", "same");
  const KeySet set = *KeySet::parse(key_set_text({one.jwk(), one.jwk()}));
  EXPECT_EQ(set.select(Algorithm::es256, "same").found, Found::one);
  EXPECT_EQ(set.select(Algorithm::es256, std::nullopt).found, Found::one);
}

TEST(KeySet, two_keys_of_one_kid_are_ambiguous_unless_the_algorithm_decides) {
  const TokenIssuer one("ES256", "same");
  const TokenIssuer two("ES256", "same");
  const TokenIssuer other("EdDSA", "same");

  EXPECT_EQ(KeySet::parse(key_set_text({one.jwk(), two.jwk()}))->select(Algorithm::es256, "same").found,
            Found::several);
  EXPECT_EQ(KeySet::parse(key_set_text({other.jwk(), one.jwk()}))->select(Algorithm::es256, "same").found, Found::one);
}

}  // namespace
}  // namespace nx::auth
