#pragma once
// An identity service for tests: one ES256 key, its JWKS, tokens for the asking.

#include <array>
#include <chrono>
#include <memory>
#include <string>

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include "crypto/base64.hpp"
#include "model/time.hpp"

namespace nx::gateway {

class Issuer {
 public:
  Issuer() : key_(EVP_EC_gen("P-256"), &EVP_PKEY_free) {}

  std::string jwks() const {
    std::array<std::uint8_t, 65> point{};
    std::size_t size = 0;
    EVP_PKEY_get_octet_string_param(key_.get(), "pub", point.data(), point.size(), &size);
    const auto part = [&point](std::size_t at) { return crypto::base64url_encode(std::span(point).subspan(at, 32)); };
    return R"({"keys":[{"kty":"EC","crv":"P-256","kid":"k","alg":"ES256","use":"sig","x":")" + part(1) + R"(","y":")" +
           part(33) + R"("}]})";
  }

  /// `user_json` is the claim's JSON: `"u1"` with its quotes, or a number.
  std::string token(const std::string& user_json, std::chrono::seconds life = std::chrono::hours(1)) const {
    return token_of(user_json, life, {});
  }
  /// Signed by a key that is in no set.
  std::string token_of_unknown_key() const { return token_of("\"nobody\"", std::chrono::hours(1), {}, "elsewhere"); }
  /// `iat` in seconds.
  std::string token_issued_at(const std::string& user_json, std::int64_t iat) const {
    return token_of(user_json, std::chrono::hours(1), R"(,"iat":)" + std::to_string(iat));
  }

 private:
  std::string token_of(const std::string& user_json, std::chrono::seconds life, const std::string& more,
                       const std::string& kid = "k") const {
    const std::int64_t expires = now_wall().value / 1'000 + life.count();
    const std::string signed_part =
        encode(R"({"alg":"ES256","kid":")" + kid + "\"}") + "." +
        encode(R"({"userId":)" + user_json + R"(,"exp":)" + std::to_string(expires) + more + "}");
    return signed_part + "." + signature(signed_part);
  }

  static std::string encode(const std::string& text) {
    return crypto::base64url_encode({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  }

  std::string signature(const std::string& text) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get());
    std::array<std::uint8_t, 80> der{};
    std::size_t size = der.size();
    EVP_DigestSign(context.get(), der.data(), &size, reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    const std::uint8_t* cursor = der.data();
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> parts(
        d2i_ECDSA_SIG(nullptr, &cursor, static_cast<long>(size)), &ECDSA_SIG_free);
    std::array<std::uint8_t, 64> raw{};
    BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), raw.data(), 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), raw.data() + 32, 32);
    return crypto::base64url_encode(raw);
  }

  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

}  // namespace nx::gateway
