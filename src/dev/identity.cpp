#include "dev/identity.hpp"

#include <charconv>
#include <stdexcept>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "auth/authenticator.hpp"
#include "crypto/base64.hpp"
#include "crypto/digest.hpp"

namespace nx::dev {

namespace {

constexpr std::size_t kCoordinateBytes = 32;  // P-256

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct FreeSignature {
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};

std::string base64url(std::string_view text) {
  return crypto::base64url_encode(std::vector<std::uint8_t>(text.begin(), text.end()));
}

/// `900_admin` → {id, identifier, priority: 900}.
json::Value role_claim(const std::string& identifier) {
  std::int64_t priority = 0;
  std::from_chars(identifier.data(), identifier.data() + identifier.size(), priority);
  return json::Value::object({{"id", json::Value::string(identifier)},
                              {"identifier", json::Value::string(identifier)},
                              {"priority", json::Value::number(priority)}});
}

/// JWS requires r ‖ s, 32 bytes each (RFC 7518 §3.4); OpenSSL returns DER.
std::optional<std::string> raw_signature(const std::vector<unsigned char>& der) {
  const unsigned char* at = der.data();
  const std::unique_ptr<ECDSA_SIG, FreeSignature> signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  std::vector<std::uint8_t> raw(2 * kCoordinateBytes);
  if (!signature ||
      BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), raw.data(), kCoordinateBytes) !=
          static_cast<int>(kCoordinateBytes) ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), raw.data() + kCoordinateBytes, kCoordinateBytes) !=
          static_cast<int>(kCoordinateBytes)) {
    return std::nullopt;
  }
  return crypto::base64url_encode(raw);
}

}  // namespace

struct Identity::State {
  std::unique_ptr<EVP_PKEY, FreeKey> key;
};

Identity::Identity() : state_(std::make_unique<State>()) {
  state_->key.reset(EVP_EC_gen("P-256"));
  std::array<std::uint8_t, 1 + 2 * kCoordinateBytes> point{};
  std::size_t size = 0;
  if (!state_->key ||
      EVP_PKEY_get_octet_string_param(state_->key.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &size) !=
          1 ||
      size != point.size()) {
    throw std::runtime_error("OpenSSL makes no P-256 key for the development identity");
  }
  const std::span<const std::uint8_t> coordinates(point.data() + 1, 2 * kCoordinateBytes);
  const std::string x = crypto::base64url_encode(coordinates.first(kCoordinateBytes));
  const std::string y = crypto::base64url_encode(coordinates.last(kCoordinateBytes));
  // The key's id is its thumbprint, so that the kid of a token from an earlier start is unknown (RFC 7638 §3.1).
  key_id_ =
      crypto::base64url_encode(crypto::sha256(R"({"crv":"P-256","kty":"EC","x":")" + x + R"(","y":")" + y + "\"}"));
  jwks_ = R"({"keys":[{"crv":"P-256","kty":"EC","x":")" + x + R"(","y":")" + y + R"(","kid":")" + key_id_ +
          R"(","alg":"ES256","use":"sig"}]})";
}

Identity::~Identity() = default;

Result<std::string> Identity::token(const TokenRequest& request, EpochMs now) const {
  const std::int64_t seconds = now.value / 1'000;
  std::vector<json::Value> roles;
  for (const std::string& role : request.roles) roles.push_back(role_claim(role));
  const json::Value claims = json::Value::object({{"userId", request.user_id},
                                                  {"roles", json::Value::array(std::move(roles))},
                                                  {"iss", json::Value::string(std::string(auth::kDevIssuer))},
                                                  {"iat", json::Value::number(seconds)},
                                                  {"nbf", json::Value::number(seconds)},
                                                  {"exp", json::Value::number(seconds + request.lifetime.count())}});
  const std::string signed_part =
      base64url(R"({"alg":"ES256","kid":")" + key_id_ + "\"}") + "." + base64url(json::write(claims));

  const std::unique_ptr<EVP_MD_CTX, FreeDigest> context(EVP_MD_CTX_new());
  const std::vector<unsigned char> input(signed_part.begin(), signed_part.end());
  std::vector<unsigned char> der(128);  // an ECDSA signature over P-256 takes at most 72 bytes
  std::size_t size = der.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, state_->key.get()) != 1 ||
      EVP_DigestSign(context.get(), der.data(), &size, input.data(), input.size()) != 1) {
    return fail(ErrorKind::unavailable, "OpenSSL does not sign");
  }
  der.resize(size);
  const auto signature = raw_signature(der);
  if (!signature) return fail(ErrorKind::unavailable, "OpenSSL does not sign");
  return signed_part + "." + *signature;
}

}  // namespace nx::dev
