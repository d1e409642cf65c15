#pragma once
// An identity service for tests: a fresh key pair, its JWK, and tokens over any header and payload one likes. Throws
// when OpenSSL refuses.

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "crypto/base64.hpp"

namespace nx::fakes {

class TokenIssuer {
 public:
  /// `algorithm` is a JOSE name; `rsa_bits` is read for RS… and PS… only.
  TokenIssuer(std::string algorithm, std::string kid, unsigned rsa_bits = 2048)
      : algorithm_(std::move(algorithm)), kid_(std::move(kid)), key_(make_key(rsa_bits)) {
    if (!key_) throw std::runtime_error("no key for " + algorithm_);
  }

  const std::string& kid() const { return kid_; }

  /// The public key with kid, alg and use, and `more` members behind (`,"key_ops":[]`).
  std::string jwk(std::string_view more = "") const {
    return "{" + public_members() + R"(,"kid":")" + kid_ + R"(","alg":")" + algorithm_ + R"(","use":"sig")" +
           std::string(more) + "}";
  }

  /// The public key alone, without kid, alg and use.
  std::string bare_jwk() const { return "{" + public_members() + "}"; }

  std::string token(std::string_view payload) const {
    return token_with(R"({"alg":")" + algorithm_ + R"(","kid":")" + kid_ + R"("})", payload);
  }

  /// A token with a good signature by this key's algorithm, whatever the header says.
  std::string token_with(std::string_view header, std::string_view payload) const {
    const std::string text = encode(header) + "." + encode(payload);
    return text + "." + crypto::base64url_encode(sign(text));
  }

  static std::string encode(std::string_view text) {
    return crypto::base64url_encode({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  }

 private:
  struct Deleter {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
    void operator()(BIGNUM* number) const { BN_free(number); }
  };
  using Bytes = crypto::Bytes;

  bool is_elliptic() const { return algorithm_.starts_with("ES"); }
  std::size_t coordinate_bytes() const { return algorithm_ == "ES256" ? 32 : algorithm_ == "ES384" ? 48 : 66; }
  const char* curve() const { return algorithm_ == "ES256" ? "P-256" : algorithm_ == "ES384" ? "P-384" : "P-521"; }

  EVP_PKEY* make_key(unsigned rsa_bits) const {
    if (is_elliptic()) return EVP_EC_gen(curve());
    if (algorithm_ == "EdDSA") return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    return EVP_RSA_gen(rsa_bits);
  }

  std::string number(const char* name, std::size_t bytes) const {
    BIGNUM* raw = nullptr;
    if (EVP_PKEY_get_bn_param(key_.get(), name, &raw) != 1) throw std::runtime_error("no such parameter");
    const std::unique_ptr<BIGNUM, Deleter> value(raw);
    Bytes out(bytes != 0 ? bytes : static_cast<std::size_t>(BN_num_bytes(raw)));
    BN_bn2binpad(raw, out.data(), static_cast<int>(out.size()));
    return crypto::base64url_encode(out);
  }

  std::string public_members() const {
    if (is_elliptic()) {
      return R"("kty":"EC","crv":")" + std::string(curve()) + R"(","x":")" +
             number(OSSL_PKEY_PARAM_EC_PUB_X, coordinate_bytes()) + R"(","y":")" +
             number(OSSL_PKEY_PARAM_EC_PUB_Y, coordinate_bytes()) + R"(")";
    }
    if (algorithm_ == "EdDSA") {
      Bytes x(32);
      std::size_t size = x.size();
      EVP_PKEY_get_raw_public_key(key_.get(), x.data(), &size);
      return R"("kty":"OKP","crv":"Ed25519","x":")" + crypto::base64url_encode(x) + R"(")";
    }
    return R"("kty":"RSA","n":")" + number(OSSL_PKEY_PARAM_RSA_N, 0) + R"(","e":")" + number(OSSL_PKEY_PARAM_RSA_E, 0) +
           R"(")";
  }

  Bytes sign(std::string_view text) const {
    const std::unique_ptr<EVP_MD_CTX, Deleter> context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* details = nullptr;
    const std::string digest = algorithm_ == "EdDSA" ? "" : "SHA" + algorithm_.substr(2);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    if (EVP_DigestSignInit_ex(context.get(), &details, digest.empty() ? nullptr : digest.c_str(), nullptr, nullptr,
                              key_.get(), nullptr) != 1) {
      throw std::runtime_error("no signature");
    }
    if (algorithm_.starts_with("PS")) {
      EVP_PKEY_CTX_set_rsa_padding(details, RSA_PKCS1_PSS_PADDING);
      EVP_PKEY_CTX_set_rsa_pss_saltlen(details, RSA_PSS_SALTLEN_DIGEST);
    }
    std::size_t size = 0;
    EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size());
    Bytes signature(size);
    if (EVP_DigestSign(context.get(), signature.data(), &size, bytes, text.size()) != 1)
      throw std::runtime_error("no signature");
    signature.resize(size);
    return is_elliptic() ? raw(signature) : signature;
  }

  /// DER to r ‖ s.
  Bytes raw(const Bytes& der) const {
    const auto* at = der.data();
    const std::unique_ptr<ECDSA_SIG, Deleter> signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    const auto width = static_cast<int>(coordinate_bytes());
    Bytes out(2 * coordinate_bytes());
    BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out.data(), width);
    BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out.data() + width, width);
    return out;
  }

  std::string algorithm_;
  std::string kid_;
  std::unique_ptr<EVP_PKEY, Deleter> key_;
};

inline std::string key_set_text(const std::vector<std::string>& jwks) {
  std::string text = R"({"keys":[)";
  for (const std::string& jwk : jwks) text += (text.back() == '[' ? "" : ",") + jwk;
  return text + "]}";
}

}  // namespace nx::fakes
