#include <gtest/gtest.h>

#include "auth/compact_token.hpp"
#include "auth/token_verification.hpp"
#include "json/value.hpp"
#include "vectors.hpp"

namespace nx::auth {
namespace {

constexpr EpochMs kIssued{1'795'423'393'000};  // clockNote of the vectors

TokenRules rules_for(const std::string& secret, const std::string& cipher = "auto") {
  AuthOptions options;
  options.application_secret = secret;
  options.payload_cipher = cipher;
  return TokenRules::from(options);
}

class JwtVectors : public testing::Test {
 protected:
  const json::Value document = vectors("jwt.json");
  const KeySet keys = *KeySet::parse(json::write(at(document, "jwks")));

  const json::Value& token_named(std::string_view name) const {
    for (const json::Value& token : at(document, "tokens").items()) {
      if (text_at(token, "name") == name) return token;
    }
    throw std::runtime_error("no such vector");
  }

  AuthResult verify(const json::Value& vector, const TokenRules& rules, EpochMs now = kIssued) const {
    return verify_token(text_at(vector, "token"), &keys, rules, now).result;
  }

  static std::string secret_of(const json::Value& vector) {
    const json::Value* secret = at(vector, "options").find("applicationSecret");
    return secret != nullptr && secret->is_string() ? secret->text() : "";
  }
};

TEST_F(JwtVectors, every_token_of_the_reference_says_what_the_reference_decoded) {
  int verified = 0;
  for (const json::Value& vector : at(document, "tokens").items()) {
    SCOPED_TRACE(text_at(vector, "name"));
    const json::Value* decoded = vector.find("decoded");
    if (decoded == nullptr) continue;
    ++verified;

    const auto result = verify(vector, rules_for(secret_of(vector)));

    ASSERT_TRUE(result) << to_text(result.error());
    EXPECT_EQ(result->user.id.value, at(*decoded, "userId").text());
    EXPECT_EQ(result->user.is_number, at(*decoded, "userId").is_number());
    EXPECT_EQ(result->expires_at.value, *at(*decoded, "exp").as_int64() * 1'000);
    std::vector<std::string> roles;
    for (const json::Value& role : at(*decoded, "roles").items()) roles.push_back(text_at(role, "identifier"));
    EXPECT_EQ(result->roles, roles);
  }
  EXPECT_EQ(verified, 6);
}

TEST_F(JwtVectors, the_expired_token_is_refused_for_that) {
  EXPECT_EQ(verify(token_named("es256-expired"), rules_for("")).error(), AuthError::expired);
}

TEST_F(JwtVectors, a_plain_token_is_refused_where_a_secret_is_set) {
  EXPECT_EQ(verify(token_named("es256-plain"), rules_for("nx-application-secret")).error(), AuthError::bad_claims);
}

TEST_F(JwtVectors, an_encrypted_token_is_refused_without_its_secret) {
  EXPECT_EQ(verify(token_named("es256-aes-256-cbc"), rules_for("")).error(), AuthError::bad_claims);
  EXPECT_EQ(verify(token_named("es256-aes-256-cbc"), rules_for("another secret of enough length")).error(),
            AuthError::bad_claims);
}

TEST_F(JwtVectors, a_fixed_cipher_takes_its_own_tokens_only) {
  const json::Value& cbc = token_named("es256-aes-256-cbc");
  const json::Value& gcm = token_named("es256-aes-256-gcm-rolescodec");
  EXPECT_TRUE(verify(cbc, rules_for(secret_of(cbc), "aes-256-cbc")));
  EXPECT_TRUE(verify(gcm, rules_for(secret_of(gcm), "aes-256-gcm")));
  EXPECT_EQ(verify(cbc, rules_for(secret_of(cbc), "aes-256-gcm")).error(), AuthError::bad_claims);
}

TEST_F(JwtVectors, no_token_survives_a_change_of_one_character) {
  const TokenRules rules = rules_for("");
  for (const char* name : {"es256-plain", "rs256-plain", "eddsa-plain"}) {
    const std::string token = text_at(token_named(name), "token");
    for (std::size_t i = 0; i < token.size(); ++i) {
      std::string changed = token;
      changed[i] = changed[i] == 'A' ? 'B' : 'A';
      ASSERT_FALSE(verify_token(changed, &keys, rules, kIssued).result) << name << " at " << i;
    }
  }
}

TEST_F(JwtVectors, every_item_of_the_newer_envelope_opens) {
  const json::Value& envelope = at(document, "pbkdf2EnvelopeVectors");
  const auto items = at(envelope, "items").items();
  ASSERT_EQ(items.size(), 4U);
  for (const char* cipher : {"auto", "aes-256-cbc", "aes-256-gcm"}) {
    const PayloadKeys payload_keys(text_at(envelope, "secret"), *payload_cipher_of(cipher));
    for (std::size_t i = 0; i < items.size(); i += 2) {
      SCOPED_TRACE(std::string(cipher) + " opens " + text_at(items[i], "algorithm"));
      const json::Value payload = json::Value::object(
          {{text_at(items[i], "base64"), at(items[i + 1], "base64")}, {"exp", json::Value::number(std::int64_t{1})}});

      const auto claims = json::Document::read(json::write(payload));
      ASSERT_TRUE(claims);

      const auto opened = payload_keys.open(claims->root());

      const bool fits = std::string_view(cipher) == "auto" || text_at(items[i], "algorithm") == cipher;
      ASSERT_EQ(opened.has_value(), fits);
      if (!fits) continue;
      EXPECT_EQ(json::write(opened->root()), R"({"userId":"01J8ZK3V9Q4T7N5R2M1H0GXYZA","exp":1})");
    }
  }
}

}  // namespace
}  // namespace nx::auth
