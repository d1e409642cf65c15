#pragma once
// Checks `refresh` messages of one connection: a replayed encrypted frame must not refresh again, only one token is
// verified at a time, and the third failure within a minute is one too many (docs/protocol.md#what-a-client-may-say).
// Made at the first `refresh`. Used by one thread.
//
// A replay has the IV of its original, so the IVs of the last 32 sealed refreshes are remembered. When the oldest is
// forgotten, the expiry time that its token brought is kept, and a sealed refresh whose token does not expire later
// than that is treated as a replay.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/sealer.hpp"
#include "model/time.hpp"
#include "runtime/event_loop.hpp"

namespace nx::session {

using Iv = std::array<std::uint8_t, crypto::kIvBytes>;

class RefreshGuard {
 public:
  enum class Verdict { ask, wait, refuse, replay };
  struct Waiting {
    std::string token;
    std::optional<Iv> iv;
  };

  /// `iv` is that of the envelope that carried the refresh; std::nullopt for plaintext. While a token is being
  /// verified, up to kMaxWaiting further ones are queued.
  Verdict begin(const std::string& token, const std::optional<Iv>& iv);

  /// Returns the oldest queued token once no token is being verified.
  std::optional<Waiting> next();

  /// Bytes of the queued tokens.
  std::size_t waiting_bytes() const;
  void forget_waiting() { std::vector<Waiting>().swap(waiting_); }

  /// The answer for the current token has arrived. succeed() or fail() must follow.
  void answered() { in_flight_ = false; }

  /// The token is valid until `expires_at`. Returns false when the refresh must be treated as a replay.
  bool succeed(EpochMs expires_at);

  /// Returns true for the third failure within kRefreshWindow.
  bool fail(runtime::SteadyTime now);

 private:
  static constexpr std::size_t kMaxRemembered = 32;
  static constexpr std::size_t kMaxWaiting = 4;  // refreshes queued while a token is being verified
  // a longer token is not queued: the authenticator would refuse it
  static constexpr std::size_t kMaxTokenBytes = 8 * 1024;
  struct Used {
    Iv iv;
    EpochMs expires_at;
  };
  std::vector<Used> used_;
  std::vector<Waiting> waiting_;
  EpochMs forgotten_until_;
  bool in_flight_ = false;
  bool sealed_ = false;
  // times of the last two failures, older first; SteadyTime{} for no failure
  std::array<runtime::SteadyTime, 2> failures_{};
};

}  // namespace nx::session
