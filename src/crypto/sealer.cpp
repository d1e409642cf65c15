#include "crypto/sealer.hpp"

#include <array>
#include <limits>
#include <stdexcept>
#include <utility>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "crypto/base64.hpp"
#include "crypto/random.hpp"

namespace nx::crypto {
namespace {

struct Deleter {
  void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }  // wipes the key schedule
};
using Cipher = std::unique_ptr<EVP_CIPHER, Deleter>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Deleter>;

constexpr std::string_view kBeforeIv = R"({"event":"encrypted","data":{"iv":")";
constexpr std::string_view kBeforeCt = R"(","ct":")";
constexpr std::string_view kAfterCt = R"("}})";
constexpr std::size_t kMaxBytes = std::numeric_limits<int>::max() / 2;  // OpenSSL counts in int

const EVP_CIPHER* aes_256_gcm() {
  static const Cipher cipher(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
  return cipher.get();
}

const std::uint8_t* octets(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

char* put(char* at, std::string_view text) {
  return std::copy(text.begin(), text.end(), at);
}

bool encrypt(EVP_CIPHER_CTX* context, std::uint8_t*& out, std::string_view plaintext) {
  int written = 0;
  if (!plaintext.empty() &&
      EVP_EncryptUpdate(context, out, &written, octets(plaintext), static_cast<int>(plaintext.size())) != 1)
    return false;
  out += written;
  return true;
}

bool append_tag(EVP_CIPHER_CTX* context, std::uint8_t* out) {
  int written = 0;
  OSSL_PARAM parameters[] = {OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, out, kTagBytes),
                             OSSL_PARAM_construct_end()};
  return EVP_EncryptFinal_ex(context, out, &written) == 1 && EVP_CIPHER_CTX_get_params(context, parameters) == 1;
}

}  // namespace

struct Sealer::State {
  CipherContext context{EVP_CIPHER_CTX_new()};
  std::array<std::uint8_t, kIvBytes> iv{};  // 4 bytes of this connection, then the counter, big endian

  void next_iv() {
    for (std::size_t i = kIvBytes; i-- > 4;) {
      if (++iv[i] != 0) return;
    }
  }
};

Sealer::Sealer(const AesKey& key) : state_(std::make_unique<State>()) {
  random_bytes(std::span(state_->iv).first<4>());
  if (!state_->context ||
      EVP_EncryptInit_ex2(state_->context.get(), aes_256_gcm(), key.bytes().data(), nullptr, nullptr) != 1) {
    throw std::runtime_error("OpenSSL has no AES-256-GCM");
  }
}

Sealer::Sealer(Sealer&&) noexcept = default;
Sealer& Sealer::operator=(Sealer&&) noexcept = default;
Sealer::~Sealer() = default;

std::size_t Sealer::envelope_size(std::size_t plaintext_bytes) {
  return kBeforeIv.size() + base64_size(kIvBytes) + kBeforeCt.size() + base64_size(plaintext_bytes + kTagBytes) +
         kAfterCt.size();
}

void Sealer::append_envelope(std::string& out, std::string_view head, std::string_view tail) {
  const std::size_t sealed = head.size() + tail.size() + kTagBytes;
  if (sealed > kMaxBytes) throw std::length_error("a frame over 1 GiB");
  const std::size_t start = out.size();
  out.resize(start + envelope_size(head.size() + tail.size()));
  char* at = put(out.data() + start, kBeforeIv);
  base64_encode_to(at, state_->iv);
  char* const ct = put(at + base64_size(kIvBytes), kBeforeCt);

  // The ciphertext is born at the end of its own base64 text, which then grows over it: no second buffer, no copy.
  std::uint8_t* const ciphertext = reinterpret_cast<std::uint8_t*>(ct) + base64_size(sealed) - sealed;
  std::uint8_t* end = ciphertext;
  EVP_CIPHER_CTX* const context = state_->context.get();
  const bool done = EVP_EncryptInit_ex2(context, nullptr, nullptr, state_->iv.data(), nullptr) == 1 &&
                    encrypt(context, end, head) && encrypt(context, end, tail) && append_tag(context, end);
  state_->next_iv();
  if (!done) {
    out.resize(start);
    throw std::runtime_error("AES-256-GCM failed");
  }
  base64_encode_to(ct, {ciphertext, sealed});
  put(ct + base64_size(sealed), kAfterCt);
}

std::optional<std::string> open_envelope(const AesKey& key, std::string_view iv_base64, std::string_view ct_base64) {
  const auto iv = base64_decode(iv_base64);
  auto sealed = base64_decode(ct_base64);
  if (!iv || iv->size() != kIvBytes || !sealed || sealed->size() < kTagBytes || sealed->size() > kMaxBytes)
    return std::nullopt;
  const std::size_t size = sealed->size() - kTagBytes;
  const CipherContext context(EVP_CIPHER_CTX_new());
  if (!context) throw std::bad_alloc();
  std::string plaintext(size, '\0');
  int written = 0;
  int rest = 0;
  auto* const out = reinterpret_cast<std::uint8_t*>(plaintext.data());
  OSSL_PARAM tag[] = {OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, sealed->data() + size, kTagBytes),
                      OSSL_PARAM_construct_end()};
  const bool opened =
      EVP_DecryptInit_ex2(context.get(), aes_256_gcm(), key.bytes().data(), iv->data(), tag) == 1 &&
      (size == 0 || EVP_DecryptUpdate(context.get(), out, &written, sealed->data(), static_cast<int>(size)) == 1) &&
      EVP_DecryptFinal_ex(context.get(), out + written, &rest) == 1;
  if (!opened) return std::nullopt;
  return plaintext;
}

}  // namespace nx::crypto
