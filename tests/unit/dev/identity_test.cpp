#include "dev/identity.hpp"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "crypto/base64.hpp"

namespace nx::dev {
namespace {

constexpr EpochMs kNow{1'700'000'000'999};

struct Token {
  std::string signed_part;
  json::Value header, claims;
  crypto::Bytes signature;
};

json::Value part(std::string_view text) {
  const auto bytes = crypto::base64url_decode(text);
  return json::parse(std::string(bytes->begin(), bytes->end())).value();
}

Token parse(const std::string& token) {
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', first + 1);
  return {token.substr(0, second), part(token.substr(0, first)), part(token.substr(first + 1, second - first - 1)),
          crypto::base64url_decode(token.substr(second + 1)).value()};
}

/// Checks r ‖ s against the published key, by OpenSSL alone.
bool verifies(const Token& token, const json::Value& jwk) {
  std::vector<unsigned char> point{4};
  for (const char* name : {"x", "y"}) {
    const auto coordinate = crypto::base64url_decode(jwk.find(name)->text()).value();
    point.insert(point.end(), coordinate.begin(), coordinate.end());
  }
  char group[] = "prime256v1";
  OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
                             OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
                             OSSL_PARAM_construct_end()};
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> import(
      EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr), EVP_PKEY_CTX_free);
  EVP_PKEY* raw = nullptr;
  if (EVP_PKEY_fromdata_init(import.get()) != 1 ||
      EVP_PKEY_fromdata(import.get(), &raw, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
    return false;
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(raw, EVP_PKEY_free);
  if (token.signature.size() != 64) return false;
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(ECDSA_SIG_new(), ECDSA_SIG_free);
  ECDSA_SIG_set0(signature.get(), BN_bin2bn(token.signature.data(), 32, nullptr),
                 BN_bin2bn(token.signature.data() + 32, 32, nullptr));
  std::vector<unsigned char> der(128);
  unsigned char* end = der.data();
  const int size = i2d_ECDSA_SIG(signature.get(), &end);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const std::vector<unsigned char> input(token.signed_part.begin(), token.signed_part.end());
  return EVP_DigestVerifyInit(digest.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
         EVP_DigestVerify(digest.get(), der.data(), static_cast<std::size_t>(size), input.data(), input.size()) == 1;
}

json::Value published(const Identity& identity) {
  return json::parse(identity.jwks())->find("keys")->items().at(0);
}

TEST(Identity, signs_tokens_that_its_published_key_verifies) {
  const Identity identity;

  const Token token = parse(identity.token({.user_id = json::Value::string("u-owner"), .roles = {}}, kNow).value());

  EXPECT_TRUE(verifies(token, published(identity)));
  EXPECT_EQ(token.header.find("kid")->text(), published(identity).find("kid")->text());
  EXPECT_EQ(token.header.find("alg")->text(), "ES256");
}

TEST(Identity, the_key_is_new_at_each_start) {
  const Identity first;
  const Identity second;

  const Token token = parse(first.token({.user_id = json::Value::string("u"), .roles = {}}, kNow).value());

  EXPECT_NE(published(first).find("kid")->text(), published(second).find("kid")->text());
  EXPECT_FALSE(verifies(token, published(second)));
}

TEST(Identity, says_who_issued_it_and_ends_after_an_hour) {
  const Token token = parse(Identity().token({.user_id = json::Value::string("u"), .roles = {}}, kNow).value());
  EXPECT_EQ(token.claims.find("iss")->text(), "nx-signal-dev");
  EXPECT_EQ(token.claims.find("iat")->as_int64(), 1'700'000'000);
  EXPECT_EQ(token.claims.find("exp")->as_int64(), 1'700'003'600);
}

TEST(Identity, ends_when_asked) {
  const Token token =
      parse(Identity()
                .token({.user_id = json::Value::string("u"), .roles = {}, .lifetime = std::chrono::seconds(3)}, kNow)
                .value());
  EXPECT_EQ(token.claims.find("exp")->as_int64(), 1'700'000'003);
}

TEST(Identity, a_numeric_user_id_stays_a_number) {
  const Identity identity;
  const auto user_of = [&identity](json::Value id) {
    return json::write(
        *parse(identity.token({.user_id = std::move(id), .roles = {}}, kNow).value()).claims.find("userId"));
  };
  EXPECT_EQ(user_of(json::Value::number("9007199254740993")), "9007199254740993");
  EXPECT_EQ(user_of(json::Value::string("5")), "\"5\"");
}

TEST(Identity, roles_carry_identifier_and_priority) {
  const Token token =
      parse(Identity().token({.user_id = json::Value::string("u"), .roles = {"999_super-admin"}}, kNow).value());
  EXPECT_EQ(json::write(*token.claims.find("roles")),
            R"([{"id":"999_super-admin","identifier":"999_super-admin","priority":999}])");
}

TEST(Identity, publishes_nothing_but_the_public_key) {
  const json::Value key = published(Identity());
  EXPECT_EQ(key.find("d"), nullptr);
  EXPECT_EQ(key.find("use")->text(), "sig");
  EXPECT_EQ(key.find("kty")->text(), "EC");
  EXPECT_EQ(key.find("crv")->text(), "P-256");
}

}  // namespace
}  // namespace nx::dev
