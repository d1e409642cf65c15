#include "crypto/digest.hpp"

#include <memory>
#include <stdexcept>

#include <openssl/evp.h>

namespace nx::crypto {
namespace {

struct DigestDeleter {
  void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
};
using Digest = std::unique_ptr<EVP_MD, DigestDeleter>;

template <std::size_t Size>
std::array<std::uint8_t, Size> digest_of(const EVP_MD* digest, std::string_view bytes) {
  std::array<std::uint8_t, Size> out;
  if (EVP_Digest(bytes.data(), bytes.size(), out.data(), nullptr, digest, nullptr) != 1)
    throw std::runtime_error("OpenSSL has no such digest");
  return out;
}

}  // namespace

std::array<std::uint8_t, 32> sha256(std::string_view bytes) {
  // Fetched once, because an implicit fetch costs more than hashing a short text.
  static const Digest digest(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  return digest_of<32>(digest.get(), bytes);
}

std::array<std::uint8_t, 20> sha1(std::string_view bytes) {
  static const Digest digest(EVP_MD_fetch(nullptr, "SHA1", nullptr));
  return digest_of<20>(digest.get(), bytes);
}

}  // namespace nx::crypto
