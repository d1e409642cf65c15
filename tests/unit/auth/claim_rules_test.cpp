#include "auth/claim_rules.hpp"

#include <gtest/gtest.h>

#include "auth/authenticator.hpp"

namespace nx::auth {
namespace {

constexpr EpochMs kNow{1'000'000'000'000};

tl::expected<Claims, AuthError> read(const std::string& payload, const ClaimRules& rules = {}) {
  const auto document = json::Document::read(payload, {.lone_surrogates = json::LoneSurrogates::replaced});
  return read_claims(document->root(), rules, kNow);
}

tl::expected<Claims, AuthError> with_user(const std::string& user) {
  return read(R"({"exp":1000000100,"userId":)" + user + "}");
}

TEST(ClaimRules, a_text_id_and_an_integer_id_keep_their_type) {
  EXPECT_EQ(with_user(R"("5")")->user, (TokenUser{UserId{"5"}, false}));
  EXPECT_EQ(with_user("5")->user, (TokenUser{UserId{"5"}, true}));
  EXPECT_EQ(with_user("-5")->user, (TokenUser{UserId{"-5"}, true}));
  EXPECT_EQ(with_user("9007199254740993")->user.id.value, "9007199254740993");
}

TEST(ClaimRules, refuses_what_is_no_user_id) {
  for (const char* user : {R"("")", "0", "-0", "1.5", "1.0", "1e3", "true", "null", "[]", "{}", R"("a\u0000b")"}) {
    EXPECT_EQ(with_user(user).error(), AuthError::bad_claims) << user;
  }
  EXPECT_EQ(read(R"({"exp":1000000100})").error(), AuthError::bad_claims);
}

TEST(ClaimRules, a_user_id_has_at_most_128_bytes) {
  EXPECT_TRUE(with_user('"' + std::string(128, 'u') + '"'));
  EXPECT_EQ(with_user('"' + std::string(129, 'u') + '"').error(), AuthError::bad_claims);
  EXPECT_EQ(with_user(std::string(129, '1')).error(), AuthError::bad_claims);
}

TEST(ClaimRules, refuses_a_user_id_of_a_rooms_shape) {
  for (const char* user :
       {"org:1", "org:", "merchant:1", "merchant:", "ws:1", "ws:", "ws-default", "ws-notification"}) {
    EXPECT_EQ(with_user('"' + std::string(user) + '"').error(), AuthError::bad_claims) << user;
  }
  for (const char* user : {"organisation", "merchant", "ws-1", "ws-defaults", "x-org:1", "0"}) {
    EXPECT_TRUE(with_user('"' + std::string(user) + '"')) << user;
  }
}

TEST(ClaimRules, expires_five_seconds_after_exp) {
  EXPECT_TRUE(read(R"({"userId":"u","exp":999999995.001})"));
  EXPECT_EQ(read(R"({"userId":"u","exp":999999995})").error(), AuthError::expired);
  EXPECT_EQ(read(R"({"userId":"u","exp":-1e400})").error(), AuthError::expired);
}

TEST(ClaimRules, refuses_a_missing_exp_and_one_that_is_no_number) {
  for (const char* exp : {R"("1000000100")", "null", "true", "[1000000100]"}) {
    EXPECT_EQ(read(R"({"userId":"u","exp":)" + std::string(exp) + "}").error(), AuthError::bad_claims) << exp;
  }
  EXPECT_EQ(read(R"({"userId":"u"})").error(), AuthError::bad_claims);
}

TEST(ClaimRules, an_exp_too_small_for_a_double_is_1970) {
  for (const char* exp : {"1e-400", "-1e-400"}) {
    const auto claims = read(R"({"userId":"u","exp":)" + std::string(exp) + "}");
    ASSERT_FALSE(claims) << exp;
    EXPECT_EQ(claims.error(), AuthError::expired) << exp;
  }
}

TEST(ClaimRules, an_exp_beyond_the_calendar_is_the_end_of_the_calendar) {
  for (const char* exp : {"1e300", "1e400", "99999999999999999999"}) {
    EXPECT_EQ(iso8601(read(R"({"userId":"u","exp":)" + std::string(exp) + "}")->expires_at), "9999-12-31T23:59:59.000Z")
        << exp;
  }
}

TEST(ClaimRules, begins_five_seconds_before_nbf) {
  EXPECT_TRUE(read(R"({"userId":"u","exp":1000000100,"nbf":1000000005})"));
  EXPECT_EQ(read(R"({"userId":"u","exp":1000000100,"nbf":1000000005.1})").error(), AuthError::not_yet_valid);
  EXPECT_EQ(read(R"({"userId":"u","exp":1000000100,"nbf":"0"})").error(), AuthError::bad_claims);
}

TEST(ClaimRules, the_issuer_is_held_to_the_configured_one) {
  const ClaimRules rules{"https://id", std::nullopt, true, ""};
  EXPECT_TRUE(read(R"({"userId":"u","exp":1000000100,"iss":"https://id"})", rules));
  EXPECT_EQ(read(R"({"userId":"u","exp":1000000100,"iss":"https://other"})", rules).error(), AuthError::wrong_issuer);
  EXPECT_EQ(read(R"({"userId":"u","exp":1000000100,"iss":["https://id"]})", rules).error(), AuthError::wrong_issuer);
  EXPECT_EQ(read(R"({"userId":"u","exp":1000000100})", rules).error(), AuthError::wrong_issuer);
}

TEST(ClaimRules, the_development_issuer_is_refused_unless_the_program_is_dev) {
  const std::string payload = R"({"userId":"u","exp":1000000100,"iss":")" + std::string(kDevIssuer) + R"("})";
  EXPECT_EQ(read(payload).error(), AuthError::wrong_issuer);
  EXPECT_EQ(read(payload, {std::string(kDevIssuer), std::nullopt, true, ""}).error(), AuthError::wrong_issuer);
  EXPECT_TRUE(read(payload, {std::nullopt, std::nullopt, false, ""}));
}

TEST(ClaimRules, the_audience_is_a_text_or_one_of_a_list) {
  const ClaimRules rules{std::nullopt, "signal", true, ""};
  EXPECT_TRUE(read(R"({"userId":"u","exp":1000000100,"aud":"signal"})", rules));
  EXPECT_TRUE(read(R"({"userId":"u","exp":1000000100,"aud":["pos","signal"]})", rules));
  for (const char* aud : {R"("pos")", R"(["pos"])", "[]", "null", R"({"signal":1})"}) {
    EXPECT_EQ(read(R"({"userId":"u","exp":1000000100,"aud":)" + std::string(aud) + "}", rules).error(),
              AuthError::wrong_audience)
        << aud;
  }
  EXPECT_EQ(read(R"({"userId":"u","exp":1000000100})", rules).error(), AuthError::wrong_audience);
}

TEST(ClaimRules, roles_are_read_in_both_forms_and_never_refuse_a_token) {
  const auto roles = [](const std::string& text) {
    return read(R"({"userId":"u","exp":1000000100,"roles":)" + text + "}")->roles;
  };
  EXPECT_EQ(roles(R"([{"id":"7","identifier":"900_admin","priority":900},{"id":"9","identifier":"010_user"}])"),
            (std::vector<std::string>{"900_admin", "010_user"}));
  EXPECT_EQ(roles(R"(["7|900_admin|900","9|010_user|10"])"), (std::vector<std::string>{"900_admin", "010_user"}));
  for (const char* none :
       {"null", "[]", R"("900_admin")", "[1,null,[]]", R"([{"identifier":5}])", R"(["900_admin"])", R"(["a|b"])"}) {
    EXPECT_TRUE(roles(none).empty()) << none;
  }
}

TEST(ClaimRules, half_a_character_names_no_user_role_issuer_or_audience) {
  EXPECT_EQ(with_user(R"("u\ud83d")").error(), AuthError::bad_claims);
  EXPECT_EQ(with_user("\"u\xEF\xBF\xBD\"")->user.id.value, "u\xEF\xBF\xBD") << "U+FFFD itself is a character";

  const auto roles =
      read(R"({"userId":"u","exp":1000000100,"roles":[{"identifier":"a\ud83d"},"1|b\ud83d|2",{"identifier":"c"}]})");
  EXPECT_EQ(roles->roles, std::vector<std::string>{"c"});

  const ClaimRules issuer{"i\xEF\xBF\xBD", std::nullopt, true, ""};
  EXPECT_EQ(read(R"({"userId":"u","exp":1000000100,"iss":"i\ud83d"})", issuer).error(), AuthError::wrong_issuer);
  const ClaimRules audience{std::nullopt, "a\xEF\xBF\xBD", true, ""};
  EXPECT_EQ(read(R"({"userId":"u","exp":1000000100,"aud":["a\ud83d"]})", audience).error(), AuthError::wrong_audience);
}

TEST(ClaimRules, when_it_was_issued_is_kept_and_never_judged) {
  EXPECT_EQ(read(R"({"userId":"u","exp":1000000100,"iat":1000000000.5})")->issued_at, (EpochMs{1'000'000'000'500}));
  EXPECT_EQ(read(R"({"userId":"u","exp":1000000100,"iat":1000086400})")->issued_at, (EpochMs{1'000'086'400'000}));
  for (const char* none :
       {R"({"userId":"u","exp":1000000100})", R"({"userId":"u","exp":1000000100,"iat":"1"})",
        R"({"userId":"u","exp":1000000100,"iat":null})", R"({"userId":"u","exp":1000000100,"iat":1000086401})",
        R"({"userId":"u","exp":1000000100,"iat":1000000000000})"}) {
    ASSERT_TRUE(read(none)) << none;
    EXPECT_EQ(read(none)->issued_at, std::nullopt) << none;
  }
}

TEST(ClaimRules, the_admin_claim_counts_only_when_it_is_true) {
  const ClaimRules rules{std::nullopt, std::nullopt, true, "isPlatformAdmin"};
  EXPECT_TRUE(read(R"({"userId":"u","exp":1000000100,"isPlatformAdmin":true})", rules)->admin_claim);
  for (const char* other : {"false", "1", R"("true")", "null", "[true]"}) {
    EXPECT_FALSE(
        read(R"({"userId":"u","exp":1000000100,"isPlatformAdmin":)" + std::string(other) + "}", rules)->admin_claim)
        << other;
  }
  EXPECT_FALSE(read(R"({"userId":"u","exp":1000000100,"isPlatformAdmin":true})")->admin_claim);
}

}  // namespace
}  // namespace nx::auth
