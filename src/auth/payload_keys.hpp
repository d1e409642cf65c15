#pragma once
// Decrypts payload claims that the identity service has encrypted with the application secret
// (docs/security.md#encrypted-claims): the old form with the padded secret as key, and the newer envelope with a PBKDF2
// key, each with AES-256-CBC or AES-256-GCM. Immutable; any thread.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "json/document.hpp"

namespace nx::auth {

enum class PayloadCipher { automatic, cbc, gcm };

/// Accepts auto, aes-256-cbc and aes-256-gcm; std::nullopt for other names.
std::optional<PayloadCipher> payload_cipher_of(std::string_view name);

class PayloadKeys {
 public:
  /// Derives the keys, which takes some 30 ms: once at the start of the program.
  PayloadKeys(std::string_view secret, PayloadCipher cipher);
  ~PayloadKeys();
  PayloadKeys(const PayloadKeys&) = delete;
  PayloadKeys& operator=(const PayloadKeys&) = delete;

  /// Returns the payload with the names and values of all claims decrypted, except the registered ones (iss, sub, aud,
  /// jti, nbf, exp, iat). std::nullopt when a claim cannot be decrypted: with a secret configured, an unencrypted
  /// token is refused.
  std::optional<json::Document> open(json::View payload) const;

 private:
  using Key = std::array<std::uint8_t, 32>;
  std::optional<std::string> open_text(const std::string& base64) const;

  PayloadCipher cipher_;
  // unset for a secret with non-ASCII text in its first 32 characters, which IGNIS cannot use either
  std::optional<Key> padded_;
  Key derived_{};
};

}  // namespace nx::auth
