#include "auth/verification_key.hpp"

#include <stdexcept>
#include <vector>

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

namespace nx::auth {
namespace {

struct OpenSslDeleter {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
  void operator()(OSSL_PARAM* parameters) const { OSSL_PARAM_free(parameters); }
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
template <class T>
using OpenSsl = std::unique_ptr<T, OpenSslDeleter>;

constexpr int kMinRsaBits = 2048;  // RFC 7518 §3.3
constexpr int kMaxRsaBits = 8192;  // verification with larger keys could be used to overload us
constexpr int kMaxExponentBits = 64;

struct Curve {
  const char* name;
  std::size_t coordinate_bytes;
};

Curve curve_of(KeyKind kind) {
  if (kind == KeyKind::p256) return {"P-256", 32};
  if (kind == KeyKind::p384) return {"P-384", 48};
  return {"P-521", 66};
}

const char* digest_of(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::es256:
    case Algorithm::rs256:
    case Algorithm::ps256:
      return "SHA256";
    case Algorithm::es384:
    case Algorithm::rs384:
    case Algorithm::ps384:
      return "SHA384";
    case Algorithm::es512:
    case Algorithm::rs512:
    case Algorithm::ps512:
      return "SHA512";
    case Algorithm::eddsa:
      return nullptr;  // hashing is part of the algorithm (RFC 8032)
  }
  return nullptr;
}

bool is_pss(Algorithm algorithm) {
  return algorithm == Algorithm::ps256 || algorithm == Algorithm::ps384 || algorithm == Algorithm::ps512;
}

OpenSsl<BIGNUM> number_of(Octets bytes) {
  OpenSsl<BIGNUM> number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  if (!number) throw std::bad_alloc();
  return number;
}

/// JOSE writes r and s with fixed width (RFC 7518 §3.4), OpenSSL expects DER. Empty for another width.
std::vector<std::uint8_t> der_of(Octets raw, std::size_t coordinate_bytes) {
  if (raw.size() != 2 * coordinate_bytes) return {};
  const OpenSsl<ECDSA_SIG> signature(ECDSA_SIG_new());
  auto r = number_of(raw.first(coordinate_bytes));
  auto s = number_of(raw.subspan(coordinate_bytes));
  if (!signature || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) throw std::bad_alloc();
  static_cast<void>(r.release());  // the signature owns both from here on
  static_cast<void>(s.release());
  std::vector<std::uint8_t> der(static_cast<std::size_t>(i2d_ECDSA_SIG(signature.get(), nullptr)));
  auto* at = der.data();
  i2d_ECDSA_SIG(signature.get(), &at);
  return der;
}

/// RFC 7518 §6.2.1.2 requires the width of the curve, but some issuers strip leading zeros or add one. Empty when the
/// number is invalid or too large.
std::vector<std::uint8_t> at_width(Octets number, std::size_t bytes) {
  while (number.size() > bytes && number.front() == 0) number = number.subspan(1);
  if (number.empty() || number.size() > bytes) return {};
  std::vector<std::uint8_t> out(bytes - number.size(), 0);
  out.insert(out.end(), number.begin(), number.end());
  return out;
}

}  // namespace

void VerificationKey::Deleter::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}

VerificationKey::Handle VerificationKey::imported(const char* type, void* builder) {
  const OpenSsl<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(static_cast<OSSL_PARAM_BLD*>(builder)));
  const OpenSsl<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  if (!parameters || !context) throw std::bad_alloc();
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    ERR_clear_error();  // errors left in the queue of this thread would be reported for the next TLS call
  }
  return Handle(key);
}

std::optional<VerificationKey> VerificationKey::elliptic(KeyKind curve, Octets x_given, Octets y_given) {
  const auto [name, bytes] = curve_of(curve);
  const auto x = at_width(x_given, bytes);
  const auto y = at_width(y_given, bytes);
  if (x.empty() || y.empty()) return std::nullopt;
  std::vector<std::uint8_t> point{POINT_CONVERSION_UNCOMPRESSED};
  point.insert(point.end(), x.begin(), x.end());
  point.insert(point.end(), y.begin(), y.end());
  const OpenSsl<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, name, 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1) {
    throw std::bad_alloc();
  }
  // The import decodes the point and refuses one that is not on the curve.
  auto key = imported("EC", builder.get());
  if (!key) return std::nullopt;
  return VerificationKey(curve, std::move(key));
}

std::optional<VerificationKey> VerificationKey::rsa(Octets modulus, Octets exponent) {
  if (modulus.size() > kMaxRsaBits / 8 + 1 || exponent.size() > kMaxExponentBits / 8) return std::nullopt;
  const auto n = number_of(modulus);
  const auto e = number_of(exponent);
  const int bits = BN_num_bits(n.get());
  if (bits < kMinRsaBits || bits > kMaxRsaBits || BN_is_odd(n.get()) == 0) return std::nullopt;
  if (BN_is_odd(e.get()) == 0 || BN_is_one(e.get()) != 0) return std::nullopt;
  const OpenSsl<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    throw std::bad_alloc();
  }
  auto key = imported("RSA", builder.get());
  if (!key) return std::nullopt;
  return VerificationKey(KeyKind::rsa, std::move(key));
}

std::optional<VerificationKey> VerificationKey::edwards(KeyKind curve, Octets x) {
  Handle key(EVP_PKEY_new_raw_public_key_ex(nullptr, curve == KeyKind::ed25519 ? "ED25519" : "ED448", nullptr, x.data(),
                                            x.size()));
  if (!key) {
    ERR_clear_error();
    return std::nullopt;
  }
  return VerificationKey(curve, std::move(key));
}

bool VerificationKey::is_same(const VerificationKey& other) const {
  return EVP_PKEY_eq(key_.get(), other.key_.get()) == 1;
}

bool VerificationKey::verify(Algorithm algorithm, std::string_view signed_text, Octets signature) const {
  if (!fits(algorithm, kind_)) return false;
  std::vector<std::uint8_t> der;
  if (kind_ == KeyKind::p256 || kind_ == KeyKind::p384 || kind_ == KeyKind::p521) {
    der = der_of(signature, curve_of(kind_).coordinate_bytes);
    signature = der;
  }
  const OpenSsl<EVP_MD_CTX> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* details = nullptr;  // owned by the context
  if (!context) throw std::bad_alloc();
  const auto* text = reinterpret_cast<const std::uint8_t*>(signed_text.data());
  const bool good = !signature.empty() &&
                    EVP_DigestVerifyInit_ex(context.get(), &details, digest_of(algorithm), nullptr, nullptr, key_.get(),
                                            nullptr) == 1 &&
                    (!is_pss(algorithm) || (EVP_PKEY_CTX_set_rsa_padding(details, RSA_PKCS1_PSS_PADDING) == 1 &&
                                            EVP_PKEY_CTX_set_rsa_pss_saltlen(details, RSA_PSS_SALTLEN_DIGEST) == 1)) &&
                    EVP_DigestVerify(context.get(), signature.data(), signature.size(), text, signed_text.size()) == 1;
  if (!good) ERR_clear_error();
  return good;
}

}  // namespace nx::auth
