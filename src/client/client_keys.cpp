#include "client/client_keys.hpp"

#include <algorithm>
#include <vector>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/kdf.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>

#include "client/base64.hpp"

namespace nx::client {

namespace {

constexpr std::size_t kPointBytes = 65;  // SEC 1 §2.3.3, uncompressed
constexpr std::size_t kIvBytes = 12;
constexpr std::size_t kTagBytes = 16;

template <auto Free>
struct Release {
  template <class T>
  void operator()(T* handle) const {
    Free(handle);
  }
};
template <class T, auto Free>
using Owned = std::unique_ptr<T, Release<Free>>;
using PkeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using Pkey = Owned<EVP_PKEY, EVP_PKEY_free>;
using CipherContext = Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

char kGroup[] = "prime256v1";  // OSSL_PARAM requires mutable text, which it does not change

EVP_PKEY* import_point(std::span<const std::uint8_t> point) {
  if (point.size() != kPointBytes || point[0] != 0x04) return nullptr;
  std::vector<std::uint8_t> copy(point.begin(), point.end());
  OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, kGroup, 0),
                             OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, copy.data(), copy.size()),
                             OSSL_PARAM_construct_end()};
  const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1) return nullptr;
  return EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) == 1 ? key : nullptr;
}

std::optional<std::array<std::uint8_t, 32>> expand(std::span<const std::uint8_t> secret,
                                                   std::span<const std::uint8_t> salt, std::string_view info) {
  const PkeyContext context(EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nullptr));
  std::array<std::uint8_t, 32> key{};
  std::size_t length = key.size();
  const std::vector<std::uint8_t> info_bytes(info.begin(), info.end());
  const bool derived =
      context && EVP_PKEY_derive_init(context.get()) == 1 &&
      EVP_PKEY_CTX_set_hkdf_md(context.get(), EVP_sha256()) == 1 &&
      EVP_PKEY_CTX_set1_hkdf_salt(context.get(), salt.data(), static_cast<int>(salt.size())) == 1 &&
      EVP_PKEY_CTX_set1_hkdf_key(context.get(), secret.data(), static_cast<int>(secret.size())) == 1 &&
      EVP_PKEY_CTX_add1_hkdf_info(context.get(), info_bytes.data(), static_cast<int>(info_bytes.size())) == 1 &&
      EVP_PKEY_derive(context.get(), key.data(), &length) == 1 && length == key.size();
  return derived ? std::optional(key) : std::nullopt;
}

/// Returns the shared X coordinate, 32 bytes.
std::optional<std::array<std::uint8_t, 32>> agree(EVP_PKEY* own, EVP_PKEY* peer) {
  const PkeyContext context(EVP_PKEY_CTX_new(own, nullptr));
  std::array<std::uint8_t, 32> secret{};
  std::size_t length = secret.size();
  const bool agreed = context && EVP_PKEY_derive_init(context.get()) == 1 &&
                      EVP_PKEY_derive_set_peer(context.get(), peer) == 1 &&
                      EVP_PKEY_derive(context.get(), secret.data(), &length) == 1 && length == secret.size();
  return agreed ? std::optional(secret) : std::nullopt;
}

std::vector<std::uint8_t> bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

}  // namespace

FrameKey::FrameKey(FrameKey&& other) noexcept : bytes_(other.bytes_) {
  OPENSSL_cleanse(other.bytes_.data(), other.bytes_.size());
}

FrameKey::~FrameKey() {
  OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

std::optional<std::string> FrameKey::open(std::string_view iv_base64, std::string_view ct_base64,
                                          std::string_view associated) const {
  const auto iv = from_base64(iv_base64);
  auto sealed = from_base64(ct_base64);
  if (!iv || iv->size() != kIvBytes || !sealed || sealed->size() < kTagBytes) return std::nullopt;
  const std::size_t size = sealed->size() - kTagBytes;
  const CipherContext context(EVP_CIPHER_CTX_new());
  const std::vector<std::uint8_t> extra = bytes_of(associated);
  std::vector<std::uint8_t> plaintext(size + 1);  // never empty, because OpenSSL needs an address even for no bytes
  int written = 0;
  int rest = 0;
  if (!context || EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_.data(), iv->data()) != 1)
    return std::nullopt;
  if (!extra.empty() &&
      EVP_DecryptUpdate(context.get(), nullptr, &written, extra.data(), static_cast<int>(extra.size())) != 1) {
    return std::nullopt;
  }
  if (EVP_DecryptUpdate(context.get(), plaintext.data(), &written, sealed->data(), static_cast<int>(size)) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, sealed->data() + size) != 1 ||
      EVP_DecryptFinal_ex(context.get(), plaintext.data() + written, &rest) != 1) {
    return std::nullopt;
  }
  return std::string(plaintext.begin(), plaintext.begin() + static_cast<std::ptrdiff_t>(size));
}

std::optional<FrameKey::Sealed> FrameKey::seal(std::string_view plaintext, std::string_view associated) const {
  std::array<std::uint8_t, kIvBytes> iv{};
  const CipherContext context(EVP_CIPHER_CTX_new());
  const std::vector<std::uint8_t> input = bytes_of(plaintext);
  const std::vector<std::uint8_t> extra = bytes_of(associated);
  std::vector<std::uint8_t> sealed(input.size() + kTagBytes);
  int written = 0;
  int rest = 0;
  if (!context || RAND_bytes(iv.data(), static_cast<int>(iv.size())) != 1 ||
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_.data(), iv.data()) != 1) {
    return std::nullopt;
  }
  if (!extra.empty() &&
      EVP_EncryptUpdate(context.get(), nullptr, &written, extra.data(), static_cast<int>(extra.size())) != 1) {
    return std::nullopt;
  }
  if (EVP_EncryptUpdate(context.get(), sealed.data(), &written, input.data(), static_cast<int>(input.size())) != 1 ||
      EVP_EncryptFinal_ex(context.get(), sealed.data() + written, &rest) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, sealed.data() + input.size()) != 1) {
    return std::nullopt;
  }
  return Sealed{to_base64(iv), to_base64(sealed)};
}

Result<ClientKeys> ClientKeys::generate() {
  ClientKeys keys(Key(EVP_EC_gen("P-256")));
  std::array<std::uint8_t, kPointBytes> point{};
  std::size_t length = 0;
  if (!keys.key_ ||
      EVP_PKEY_get_octet_string_param(keys.key_.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &length) !=
          1 ||
      length != kPointBytes) {
    return fail(ErrorKind::unavailable, "OpenSSL cannot make a P-256 key pair");
  }
  keys.public_base64_ = to_base64(point);
  return keys;
}

Result<ClientKeys> ClientKeys::from_scalar(std::span<const std::uint8_t> scalar, std::string_view public_base64) {
  auto point = from_base64(public_base64);
  const Owned<BIGNUM, BN_clear_free> number(BN_bin2bn(scalar.data(), static_cast<int>(scalar.size()), nullptr));
  const Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  if (!point || !number || !builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, kGroup, 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point->data(), point->size()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get()) != 1) {
    return fail(ErrorKind::invalid, "no P-256 key pair");
  }
  const Owned<OSSL_PARAM, OSSL_PARAM_free> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get()) != 1) {
    return fail(ErrorKind::invalid, "no P-256 key pair");
  }
  ClientKeys keys{Key(key)};
  keys.public_base64_ = std::string(public_base64);
  return keys;
}

Result<FrameKey> ClientKeys::derive(std::string_view server_public, std::string_view salt,
                                    std::string_view info) const {
  const auto point = from_base64(server_public);
  const Pkey peer(point ? import_point(*point) : nullptr);
  if (!peer) return fail(ErrorKind::invalid, "serverPublicKey is not the base64 of an uncompressed P-256 point");
  const auto salt_bytes = from_base64(salt);
  if (!salt_bytes) return fail(ErrorKind::invalid, "salt is not base64");
  auto secret = agree(key_.get(), peer.get());
  const auto key = secret ? expand(*secret, *salt_bytes, info) : std::nullopt;
  if (secret) OPENSSL_cleanse(secret->data(), secret->size());
  if (!key) return fail(ErrorKind::unavailable, "OpenSSL cannot derive the key");
  return FrameKey(*key);
}

}  // namespace nx::client
