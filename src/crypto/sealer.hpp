#pragma once
// AES-256-GCM for one direction of one connection: the cipher context is kept, and only the IV changes (NIST SP
// 800-38D). IVs are deterministic (§8.2.1 there): 4 random bytes per connection, then a 64-bit counter. The key is new
// for each connection, so a pair of key and IV is never repeated. Used by one thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "crypto/key_agreement.hpp"

namespace nx::crypto {

constexpr std::size_t kIvBytes = 12;
constexpr std::size_t kTagBytes = 16;

class Sealer {
 public:
  explicit Sealer(const AesKey& key);  // throws std::runtime_error when OpenSSL has no AES-GCM
  Sealer(Sealer&&) noexcept;
  Sealer& operator=(Sealer&&) noexcept;
  ~Sealer();

  /// The exact number of bytes that append_envelope() adds for a plaintext of this size.
  static std::size_t envelope_size(std::size_t plaintext_bytes);

  /// Appends `{"event":"encrypted","data":{"iv":"…","ct":"…"}}` with the plaintext `head` + `tail`: many clients share
  /// the head, the tail belongs to this client and may be empty. ct = base64(ciphertext ‖ tag).
  void append_envelope(std::string& out, std::string_view head, std::string_view tail);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Decrypts one envelope {iv, ct} (both in strict standard base64, iv of 12 bytes). std::nullopt when it cannot be
/// decrypted. Makes a cipher context per call: encrypted frames of clients are rare, and so an idle client owns no
/// second context.
std::optional<std::string> open_envelope(const AesKey& key, std::string_view iv_base64, std::string_view ct_base64);

}  // namespace nx::crypto
