#include "auth/payload_keys.hpp"

#include <algorithm>
#include <span>
#include <stdexcept>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "crypto/base64.hpp"
#include "json/value.hpp"

namespace nx::auth {
namespace {

constexpr std::string_view kSalt = "ignis-kdf-salt-v1";  // IGNIS aes.algorithm
constexpr int kIterations = 100'000;                     // IGNIS aes.algorithm
constexpr std::size_t kIvBytes = 16;                     // also for GCM
constexpr std::size_t kTagBytes = 16;
constexpr std::array<std::uint8_t, 3> kEnvelopeHead = {
    1, 1, '0'};  // version, length of the key id, the key id of a secret given as plain text

using Input = std::span<const std::uint8_t>;
using Key = std::array<std::uint8_t, 32>;

struct CipherDeleter {
  void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

const EVP_CIPHER* aes(PayloadCipher cipher) {
  static const std::unique_ptr<EVP_CIPHER, CipherDeleter> cbc(EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr));
  static const std::unique_ptr<EVP_CIPHER, CipherDeleter> gcm(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
  return cipher == PayloadCipher::gcm ? gcm.get() : cbc.get();
}

/// `sealed` is the IV, then for GCM the tag, then the ciphertext.
std::optional<std::string> decrypt(PayloadCipher cipher, const Key& key, Input sealed) {
  const bool gcm = cipher == PayloadCipher::gcm;
  const std::size_t head = kIvBytes + (gcm ? kTagBytes : 0);
  if (sealed.size() < head) return std::nullopt;
  const Input ciphertext = sealed.subspan(head);
  const std::unique_ptr<EVP_CIPHER_CTX, CipherDeleter> context(EVP_CIPHER_CTX_new());
  if (!context) throw std::bad_alloc();
  std::string plaintext(ciphertext.size() + 16, '\0');  // room for a block that the cipher holds back
  auto* out = reinterpret_cast<std::uint8_t*>(plaintext.data());
  std::array<std::uint8_t, kTagBytes> tag{};
  if (gcm) std::copy_n(sealed.begin() + kIvBytes, kTagBytes, tag.begin());
  int written = 0;
  int rest = 0;
  const bool opened = EVP_DecryptInit_ex2(context.get(), aes(cipher), nullptr, nullptr, nullptr) == 1 &&
                      (!gcm || EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_IVLEN, kIvBytes, nullptr) == 1) &&
                      EVP_DecryptInit_ex2(context.get(), nullptr, key.data(), sealed.data(), nullptr) == 1 &&
                      (ciphertext.empty() || EVP_DecryptUpdate(context.get(), out, &written, ciphertext.data(),
                                                               static_cast<int>(ciphertext.size())) == 1) &&
                      (!gcm || EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1) &&
                      EVP_DecryptFinal_ex(context.get(), out + written, &rest) == 1;
  if (!opened) {
    ERR_clear_error();
    return std::nullopt;
  }
  plaintext.resize(static_cast<std::size_t>(written + rest));
  return plaintext;
}

bool is_registered(std::string_view name) {
  static constexpr std::array<std::string_view, 7> kRegistered = {"iss", "sub", "aud", "jti", "nbf", "exp", "iat"};
  return std::find(kRegistered.begin(), kRegistered.end(), name) != kRegistered.end();
}

}  // namespace

std::optional<PayloadCipher> payload_cipher_of(std::string_view name) {
  if (name == "auto") return PayloadCipher::automatic;
  if (name == "aes-256-cbc") return PayloadCipher::cbc;
  if (name == "aes-256-gcm") return PayloadCipher::gcm;
  return std::nullopt;
}

PayloadKeys::PayloadKeys(std::string_view secret, PayloadCipher cipher) : cipher_(cipher) {
  const std::string_view used = secret.substr(0, std::tuple_size_v<Key>);
  if (std::all_of(used.begin(), used.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; })) {
    padded_.emplace();
    padded_->fill('0');  // the digit '0': IGNIS pads with (0x00).toString()
    std::copy(used.begin(), used.end(), padded_->begin());
  }
  if (PKCS5_PBKDF2_HMAC(secret.data(), static_cast<int>(secret.size()),
                        reinterpret_cast<const std::uint8_t*>(kSalt.data()), static_cast<int>(kSalt.size()),
                        kIterations, EVP_sha256(), static_cast<int>(derived_.size()), derived_.data()) != 1) {
    throw std::runtime_error("OpenSSL has no PBKDF2");
  }
}

PayloadKeys::~PayloadKeys() {
  OPENSSL_cleanse(derived_.data(), derived_.size());
  if (padded_) OPENSSL_cleanse(padded_->data(), padded_->size());
}

std::optional<std::string> PayloadKeys::open_text(const std::string& base64) const {
  const auto bytes = crypto::base64_decode(base64);
  if (!bytes) return std::nullopt;
  const Input sealed = *bytes;
  const bool may_be_envelope =
      sealed.size() > kEnvelopeHead.size() && std::equal(kEnvelopeHead.begin(), kEnvelopeHead.end(), sealed.begin());
  // GCM first, because it is authenticated: CBC accepts one text in 256 that was encrypted with another key.
  for (const PayloadCipher cipher : {PayloadCipher::gcm, PayloadCipher::cbc}) {
    if (cipher_ != PayloadCipher::automatic && cipher_ != cipher) continue;
    if (may_be_envelope) {
      if (auto text = decrypt(cipher, derived_, sealed.subspan(kEnvelopeHead.size()))) return text;
    }
    if (padded_) {
      if (auto text = decrypt(cipher, *padded_, sealed)) return text;
    }
  }
  return std::nullopt;
}

std::optional<json::Document> PayloadKeys::open(json::View payload) const {
  json::ReadLimits cut_texts{.lone_surrogates = json::LoneSurrogates::replaced};
  std::string opened = "{";
  const auto add = [&opened](std::string_view name, std::string_view value) {
    if (opened.size() > 1) opened += ',';
    json::append_string(opened, name);
    (opened += ':') += value;
  };
  for (const auto& [name, value] : payload.members()) {
    if (is_registered(name.text())) {
      add(name.text(), value.raw());
      continue;
    }
    if (!value.is_string()) return std::nullopt;
    const auto open_name = open_text(name.text());
    const auto open_value = open_text(value.text());
    if (!open_name || !open_value || !json::Document::read(*open_value, cut_texts)) return std::nullopt;
    // A registered claim is read only in plaintext.
    if (!is_registered(*open_name)) add(*open_name, *open_value);
  }
  ++cut_texts.max_depth;  // a decrypted value is read by itself, but is a member of an object
  auto document = json::Document::read(opened + '}', cut_texts);
  return document ? std::optional(std::move(*document)) : std::nullopt;
}

}  // namespace nx::auth
