#include "crypto/key_agreement.hpp"

#include <stdexcept>
#include <utility>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/obj_mac.h>
#include <openssl/params.h>

#include "crypto/base64.hpp"

namespace nx::crypto {
namespace {

struct FreeKeyPart {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  void operator()(EVP_KDF* kdf) const { EVP_KDF_free(kdf); }
  void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
  void operator()(EC_GROUP* group) const { EC_GROUP_free(group); }
  void operator()(EC_POINT* point) const { EC_POINT_free(point); }
  void operator()(BIGNUM* number) const { BN_clear_free(number); }
};
template <class T>
using Handle = std::unique_ptr<T, FreeKeyPart>;

constexpr std::size_t kPointBytes = 65;  // SEC 1 §2.3.3: 0x04, X, Y
constexpr std::size_t kSecretBytes = 32;
constexpr char kGroup[] = "P-256";

using PointBytes = std::array<std::uint8_t, kPointBytes>;

/// The shared X coordinate, wiped on destruction.
struct Secret {
  std::array<std::uint8_t, kSecretBytes> bytes{};
  Secret() = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
};

OSSL_PARAM octets(const char* name, std::span<const std::uint8_t> bytes) {
  // OpenSSL declares its input parameters as pointers to non-const.
  return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(bytes.data()), bytes.size());
}

OSSL_PARAM text(const char* name, const char* value) {
  return OSSL_PARAM_construct_utf8_string(name, const_cast<char*>(value), 0);
}

Handle<EVP_PKEY> import_key(int selection, OSSL_PARAM* parameters) {
  const Handle<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1) throw std::runtime_error("OpenSSL has no EC keys");
  if (EVP_PKEY_fromdata(context.get(), &key, selection, parameters) != 1) ERR_clear_error();
  return Handle<EVP_PKEY>(key);
}

Handle<EVP_PKEY> group_template() {
  OSSL_PARAM parameters[] = {text(OSSL_PKEY_PARAM_GROUP_NAME, kGroup), OSSL_PARAM_construct_end()};
  auto group = import_key(EVP_PKEY_KEY_PARAMETERS, parameters);
  if (!group) throw std::runtime_error("OpenSSL has no P-256");
  return group;
}

/// Setting the point decodes it, which refuses a point that is not on the curve. P-256 has the cofactor 1, so every
/// point except infinity, which has no 65-byte form, is in the group.
Handle<EVP_PKEY> import_point(std::span<const std::uint8_t> point) {
  // copied, because making the group by its name costs more than checking the point
  static const Handle<EVP_PKEY> group = group_template();
  Handle<EVP_PKEY> key(EVP_PKEY_new());
  if (!key || EVP_PKEY_copy_parameters(key.get(), group.get()) != 1) throw std::bad_alloc();
  if (EVP_PKEY_set1_encoded_public_key(key.get(), point.data(), point.size()) != 1) {
    ERR_clear_error();  // errors left in the queue of this thread would be reported for the next TLS call
    return nullptr;
  }
  return key;
}

PointBytes point_of(const EVP_PKEY* key) {
  PointBytes point;
  std::size_t size = 0;
  if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, point.data(), point.size(), &size) !=
          1 ||
      size != kPointBytes) {
    throw std::runtime_error("OpenSSL cannot return the public point");
  }
  return point;
}

/// HKDF (RFC 5869) with SHA-256, one block.
bool hkdf(std::array<std::uint8_t, 32>& out, const Secret& secret, std::span<const std::uint8_t> salt,
          std::string_view info) {
  static const Handle<EVP_KDF> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const Handle<EVP_KDF_CTX> context(EVP_KDF_CTX_new(kdf.get()));
  const OSSL_PARAM parameters[] = {
      text(OSSL_KDF_PARAM_DIGEST, "SHA256"),
      octets(OSSL_KDF_PARAM_KEY, secret.bytes),
      octets(OSSL_KDF_PARAM_SALT, salt),
      octets(OSSL_KDF_PARAM_INFO, {reinterpret_cast<const std::uint8_t*>(info.data()), info.size()}),
      OSSL_PARAM_construct_end(),
  };
  return context && EVP_KDF_derive(context.get(), out.data(), out.size(), parameters) == 1;
}

std::optional<AesKey> aes_key(const Secret& secret, std::span<const std::uint8_t> salt, std::string_view info) {
  Secret okm;
  if (!hkdf(okm.bytes, secret, salt, info)) return std::nullopt;
  return AesKey(okm.bytes);
}

}  // namespace

AesKey::AesKey(AesKey&& other) noexcept : bytes_(other.bytes_) {
  OPENSSL_cleanse(other.bytes_.data(), other.bytes_.size());
}

AesKey& AesKey::operator=(AesKey&& other) noexcept {
  if (this == &other) return *this;
  bytes_ = other.bytes_;
  OPENSSL_cleanse(other.bytes_.data(), other.bytes_.size());
  return *this;
}

AesKey::~AesKey() {
  OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

struct PeerKey::State {
  Handle<EVP_PKEY> key;
};

PeerKey::PeerKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
PeerKey::PeerKey(PeerKey&&) noexcept = default;
PeerKey& PeerKey::operator=(PeerKey&&) noexcept = default;
PeerKey::~PeerKey() = default;

std::optional<PeerKey> PeerKey::from_base64(std::string_view base64) {
  if (base64.size() != base64_size(kPointBytes)) return std::nullopt;
  const auto point = base64_decode(base64);
  if (!point || point->size() != kPointBytes || point->front() != POINT_CONVERSION_UNCOMPRESSED) return std::nullopt;
  auto key = import_point(*point);
  if (!key) return std::nullopt;
  return PeerKey(std::make_unique<State>(State{std::move(key)}));
}

struct KeyPair::State {
  Handle<EVP_PKEY> key;
  std::string public_base64;
  Handle<EVP_PKEY_CTX> derivation;  // kept, because setting it up costs two look-ups of algorithms; used by one thread

  explicit State(Handle<EVP_PKEY> pair) : key(std::move(pair)), public_base64(base64_encode(point_of(key.get()))) {
    derivation.reset(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    if (!derivation || EVP_PKEY_derive_init(derivation.get()) != 1) throw std::runtime_error("OpenSSL has no ECDH");
  }

  /// The peer's key was checked when it was imported and is not checked again here.
  bool exchange(const EVP_PKEY* peer, Secret& secret) const {
    std::size_t size = secret.bytes.size();
    return EVP_PKEY_derive_set_peer_ex(derivation.get(), const_cast<EVP_PKEY*>(peer), 0) == 1 &&
           EVP_PKEY_derive(derivation.get(), secret.bytes.data(), &size) == 1 && size == secret.bytes.size();
  }
};

KeyPair::KeyPair(std::unique_ptr<State> state) : state_(std::move(state)) {}
KeyPair::KeyPair(KeyPair&&) noexcept = default;
KeyPair& KeyPair::operator=(KeyPair&&) noexcept = default;
KeyPair::~KeyPair() = default;

KeyPair KeyPair::generate() {
  Handle<EVP_PKEY> key(EVP_EC_gen(kGroup));
  if (!key) throw std::runtime_error("OpenSSL cannot make a P-256 key");
  return KeyPair(std::make_unique<State>(std::move(key)));
}

KeyPair KeyPair::from_scalar(std::span<const std::uint8_t, 32> scalar) {
  const Handle<EC_GROUP> group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const Handle<EC_POINT> point(EC_POINT_new(group.get()));
  const Handle<BIGNUM> number(BN_bin2bn(scalar.data(), static_cast<int>(scalar.size()), nullptr));
  if (!group || !point || !number) throw std::bad_alloc();
  if (BN_is_zero(number.get()) || BN_cmp(number.get(), EC_GROUP_get0_order(group.get())) >= 0)
    throw std::invalid_argument("not a scalar of P-256");
  PointBytes encoded;
  if (EC_POINT_mul(group.get(), point.get(), number.get(), nullptr, nullptr, nullptr) != 1 ||
      EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, encoded.data(), encoded.size(),
                         nullptr) != encoded.size()) {
    throw std::runtime_error("OpenSSL cannot multiply the point");
  }
  // OpenSSL takes integers in the byte order of the machine: little endian.
  Secret reversed;
  if (BN_bn2nativepad(number.get(), reversed.bytes.data(), kSecretBytes) != static_cast<int>(kSecretBytes))
    throw std::runtime_error("OpenSSL cannot return the scalar");
  OSSL_PARAM parameters[] = {text(OSSL_PKEY_PARAM_GROUP_NAME, kGroup), octets(OSSL_PKEY_PARAM_PUB_KEY, encoded),
                             OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, reversed.bytes.data(), kSecretBytes),
                             OSSL_PARAM_construct_end()};
  Handle<EVP_PKEY> key = import_key(EVP_PKEY_KEYPAIR, parameters);
  if (!key) throw std::invalid_argument("not a scalar of P-256");
  return KeyPair(std::make_unique<State>(std::move(key)));
}

const std::string& KeyPair::public_base64() const {
  return state_->public_base64;
}

std::optional<AgreedKeys> KeyPair::agree(const PeerKey& peer, std::span<const std::uint8_t> salt) const {
  Secret secret;
  if (!state_->exchange(peer.state_->key.get(), secret)) return std::nullopt;
  auto outbound = aes_key(secret, salt, kHkdfInfo);
  auto inbound = aes_key(secret, salt, kHkdfInfoClientToServer);
  if (!outbound || !inbound) return std::nullopt;
  return AgreedKeys{std::move(*outbound), std::move(*inbound)};
}

std::optional<AesKey> KeyPair::derive(const PeerKey& peer, std::span<const std::uint8_t> salt,
                                      std::string_view info) const {
  Secret secret;
  if (!state_->exchange(peer.state_->key.get(), secret)) return std::nullopt;
  return aes_key(secret, salt, info);
}

}  // namespace nx::crypto
