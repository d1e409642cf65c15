#include "crypto/sealer.hpp"

#include <array>
#include <limits>
#include <stdexcept>
#include <utility>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "crypto/base64.hpp"
#include "crypto/random.hpp"

namespace nx::crypto {
namespace {

struct FreeCipher {
  void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }  // also wipes the key schedule
};
using Cipher = std::unique_ptr<EVP_CIPHER, FreeCipher>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

constexpr std::string_view kBeforeIv = R"({"event":"encrypted","data":{"iv":")";
constexpr std::string_view kBeforeCt = R"(","ct":")";
constexpr std::string_view kAfterCt = R"("}})";
constexpr std::size_t kMaxBytes = std::numeric_limits<int>::max() / 2;  // OpenSSL uses int for lengths

const EVP_CIPHER* aes_256_gcm() {
  static const Cipher cipher(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
  return cipher.get();
}

/// Encrypts in place.
bool encrypt(EVP_CIPHER_CTX* context, std::span<const std::uint8_t, kIvBytes> iv, std::span<std::uint8_t> text,
             std::uint8_t* tag) {
  int written = 0;
  OSSL_PARAM parameters[] = {OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag, kTagBytes),
                             OSSL_PARAM_construct_end()};
  return EVP_EncryptInit_ex2(context, nullptr, nullptr, iv.data(), nullptr) == 1 &&
         (text.empty() ||
          EVP_EncryptUpdate(context, text.data(), &written, text.data(), static_cast<int>(text.size())) == 1) &&
         EVP_EncryptFinal_ex(context, tag, &written) == 1 && EVP_CIPHER_CTX_get_params(context, parameters) == 1;
}

}  // namespace

struct Sealer::State {
  CipherContext context{EVP_CIPHER_CTX_new()};
  std::array<std::uint8_t, kIvBytes> iv{};  // 4 random bytes of this connection, then the counter, big endian

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
  const std::size_t plain = head.size() + tail.size();
  const std::size_t sealed = plain + kTagBytes;
  if (sealed > kMaxBytes) throw std::length_error("a frame over 1 GiB");
  const std::size_t start = out.size();
  out.reserve(start + envelope_size(plain));
  // One buffer is enough: the space for the base64 text is larger than the ciphertext. The plaintext is copied to the
  // end of that space and encrypted in place. Then it is encoded from the front; the encoder reads each byte before it
  // overwrites it.
  out.append(kBeforeIv).append(base64_size(kIvBytes), '\0').append(kBeforeCt);
  const std::size_t ct = out.size();
  out.append(base64_size(sealed) - sealed, '\0').append(head).append(tail).append(kTagBytes, '\0').append(kAfterCt);
  base64_encode_to(out.data() + start + kBeforeIv.size(), state_->iv);
  char* const text = out.data() + ct;
  auto* const bytes = reinterpret_cast<std::uint8_t*>(text) + base64_size(sealed) - sealed;
  const bool done = encrypt(state_->context.get(), state_->iv, {bytes, plain}, bytes + plain);
  state_->next_iv();
  if (!done) {
    out.resize(start);
    throw std::runtime_error("AES-256-GCM failed");
  }
  base64_encode_to(text, {bytes, sealed});
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
  if (!opened) {
    ERR_clear_error();  // errors left in the queue of this thread would be reported for the next TLS call
    return std::nullopt;
  }
  return plaintext;
}

}  // namespace nx::crypto
