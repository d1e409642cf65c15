#pragma once
// Opens payload claims that the identity service encrypts with the application secret
// (docs/security.md#encrypted-claims): the old form keyed by the padded secret, and the newer envelope keyed by PBKDF2,
// each with AES-256-CBC or AES-256-GCM. Immutable; any thread.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "json/document.hpp"

namespace nx::auth {

enum class PayloadCipher { automatic, cbc, gcm };

/// auto, aes-256-cbc, aes-256-gcm; anything else is empty.
std::optional<PayloadCipher> payload_cipher_of(std::string_view name);

class PayloadKeys {
 public:
  /// Derives the keys: some 30 ms, once at boot.
  PayloadKeys(std::string_view secret, PayloadCipher cipher);
  ~PayloadKeys();
  PayloadKeys(const PayloadKeys&) = delete;
  PayloadKeys& operator=(const PayloadKeys&) = delete;

  /// The payload with every claim but the registered ones (iss, sub, aud, jti, nbf, exp, iat) decrypted, name and
  /// value. Empty when one of them does not open: a plain token is refused where a secret is set.
  std::optional<json::Document> open(json::View payload) const;

 private:
  using Key = std::array<std::uint8_t, 32>;
  std::optional<std::string> open_text(const std::string& base64) const;

  PayloadCipher cipher_;
  std::optional<Key>
      padded_;  // none for a secret with non-ASCII text in its first 32 characters: IGNIS can not use it either
  Key derived_{};
};

}  // namespace nx::auth
