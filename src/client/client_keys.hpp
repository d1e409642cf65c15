#pragma once
// The client's part of the handshake (docs/protocol.md#key-agreement): P-256 ECDH, HKDF-SHA-256, AES-256-GCM. Uses
// OpenSSL directly and shares no code with the server's crypto/, so that each checks the other. One object per
// connection; used by one thread.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <openssl/evp.h>

#include "model/result.hpp"

namespace nx::client {

constexpr std::string_view kServerToClientInfo = "ignis-ecdh-p256-aes-256-gcm-v1";      // IGNIS ECDH helper
constexpr std::string_view kClientToServerInfo = "ignis-ecdh-p256-aes-256-gcm-v1/c2s";  // defined by Signal

/// An AES-256-GCM key for one direction; wiped on destruction.
class FrameKey {
 public:
  explicit FrameKey(const std::array<std::uint8_t, 32>& bytes) : bytes_(bytes) {}
  FrameKey(FrameKey&& other) noexcept;
  FrameKey& operator=(FrameKey&&) = delete;
  ~FrameKey();

  /// Decrypts {iv, ct}; `associated` is the additional data and may be empty. std::nullopt when decryption fails.
  std::optional<std::string> open(std::string_view iv_base64, std::string_view ct_base64,
                                  std::string_view associated = {}) const;

  struct Sealed {
    std::string iv_base64;
    std::string ct_base64;
  };
  /// Encrypts under a random IV; std::nullopt only when OpenSSL fails.
  std::optional<Sealed> seal(std::string_view plaintext, std::string_view associated = {}) const;

  const std::array<std::uint8_t, 32>& bytes() const { return bytes_; }

 private:
  std::array<std::uint8_t, 32> bytes_;
};

class ClientKeys {
 public:
  static Result<ClientKeys> generate();
  /// Makes keys from a raw scalar and its public point (standard base64 of 65 bytes), for test vectors.
  static Result<ClientKeys> from_scalar(std::span<const std::uint8_t> scalar, std::string_view public_base64);

  /// The value for `clientPublicKey`.
  const std::string& public_base64() const { return public_base64_; }

  /// Derives a key from `server_public` and `salt` of `connected`. The error says which of them is unusable.
  Result<FrameKey> derive(std::string_view server_public, std::string_view salt, std::string_view info) const;

 private:
  struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };
  using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

  explicit ClientKeys(Key key) : key_(std::move(key)) {}
  Key key_;
  std::string public_base64_;
};

}  // namespace nx::client
