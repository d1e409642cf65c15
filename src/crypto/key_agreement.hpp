#pragma once
// The server's part of the handshake: P-256 ECDH, then HKDF-SHA-256 to AES-256 keys (docs/protocol.md#key-agreement).

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nx::crypto {

constexpr std::string_view kHkdfInfo = "ignis-ecdh-p256-aes-256-gcm-v1";                    // IGNIS ECDH helper
constexpr std::string_view kHkdfInfoClientToServer = "ignis-ecdh-p256-aes-256-gcm-v1/c2s";  // defined by Signal

/// 32 bytes, wiped on destruction. A moved-from key is all zero.
class AesKey {
 public:
  AesKey() = default;
  explicit AesKey(const std::array<std::uint8_t, 32>& bytes) : bytes_(bytes) {}
  AesKey(AesKey&& other) noexcept;
  AesKey& operator=(AesKey&& other) noexcept;
  AesKey(const AesKey&) = delete;
  AesKey& operator=(const AesKey&) = delete;
  ~AesKey();
  const std::array<std::uint8_t, 32>& bytes() const { return bytes_; }

 private:
  std::array<std::uint8_t, 32> bytes_{};
};

struct AgreedKeys {
  AesKey server_to_client;
  AesKey client_to_server;
};

/// A checked P-256 point of the peer, imported from the standard base64 of its 65-byte uncompressed form. It is on the
/// curve and not infinity.
class PeerKey {
 public:
  static std::optional<PeerKey> from_base64(std::string_view text);
  PeerKey(PeerKey&&) noexcept;
  PeerKey& operator=(PeerKey&&) noexcept;
  ~PeerKey();

 private:
  friend class KeyPair;
  struct State;
  explicit PeerKey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// An ephemeral P-256 key pair of one shard. Never stored; its owner replaces it every 5 minutes. Used by one thread.
class KeyPair {
 public:
  static KeyPair generate();
  /// Makes a pair from the raw 32-byte scalar, for test vectors. Throws std::invalid_argument for an invalid scalar.
  static KeyPair from_scalar(std::span<const std::uint8_t, 32> scalar);
  KeyPair(KeyPair&&) noexcept;
  KeyPair& operator=(KeyPair&&) noexcept;
  ~KeyPair();

  /// Standard base64 of the 65-byte point: 88 characters.
  const std::string& public_base64() const;

  /// HKDF over the shared X coordinate, for both directions. std::nullopt only when OpenSSL fails.
  std::optional<AgreedKeys> agree(const PeerKey& peer, std::span<const std::uint8_t> salt) const;

  /// Derives one key with the given info text, for test vectors.
  std::optional<AesKey> derive(const PeerKey& peer, std::span<const std::uint8_t> salt, std::string_view info) const;

 private:
  struct State;
  explicit KeyPair(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace nx::crypto
