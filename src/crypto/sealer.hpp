#pragma once
// AES-256-GCM for one connection and one direction: a kept cipher context, only the IV changes (NIST SP 800-38D).
// IVs are deterministic (§8.2.1 there): 4 random bytes fixed per connection, then a 64-bit counter, so a key/IV pair
// never repeats; the key is fresh per connection. Used by one thread.

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

  /// The exact size of what append() adds for a plaintext of that size.
  static std::size_t envelope_size(std::size_t plaintext_bytes);

  /// Appends `{"event":"encrypted","data":{"iv":"…","ct":"…"}}` around the plaintext given in two pieces (head shared
  /// by many clients, tail this client's own; the tail may be empty). ct = base64(ciphertext ‖ tag).
  void append_envelope(std::string& out, std::string_view head, std::string_view tail);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Opens one envelope {iv, ct} (both strict standard base64, iv of 12 bytes). Empty when it does not open. Makes a
/// context per call: inbound encrypted frames are rare, and an idle client then owns no second context.
std::optional<std::string> open_envelope(const AesKey& key, std::string_view iv_base64, std::string_view ct_base64);

}  // namespace nx::crypto
