#pragma once
// Keeps `refresh` honest on one connection: a replayed encrypted frame never refreshes again, one question is in flight
// at a time, and three failures in a minute are too many (docs/protocol.md#what-a-client-may-say). Made at the first
// `refresh`; one thread.
//
// A replay carries the IV of its original, so IVs that came with a refresh are remembered. The oldest is forgotten at
// 32; what it refreshed to is kept as a mark, and a sealed refresh that does not go beyond the mark is taken for its
// replay.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/time.hpp"
#include "runtime/event_loop.hpp"

namespace nx::session {

using Iv = std::array<std::uint8_t, 12>;

class RefreshGuard {
 public:
  enum class Verdict { ask, wait, refuse, replay };
  struct Waiting {
    std::string token;
    std::optional<Iv> iv;
  };

  /// `iv` of the envelope that the refresh came in; none for plaintext. While one is in flight the next few are kept
  /// for later.
  Verdict begin(const std::string& token, const std::optional<Iv>& iv);

  /// What was kept, in order, once nothing is in flight.
  std::optional<Waiting> next();

  /// Of the tokens that were kept.
  std::size_t waiting_bytes() const;
  void forget_waiting() { std::vector<Waiting>().swap(waiting_); }

  /// The answer to the one in flight is there: succeed() or fail() follows.
  void answered() { in_flight_ = false; }

  /// The token in question is good until then: false when it must be taken for a replay.
  bool succeed(EpochMs expires_at);

  /// True when this failure is one too many.
  bool fail(runtime::SteadyTime now);

 private:
  static constexpr std::size_t kMaxRemembered = 32;
  static constexpr std::size_t kMaxWaiting = 4;            // sent ahead
  static constexpr std::size_t kMaxTokenBytes = 8 * 1024;  // a longer one is refused by whoever verifies it: not kept
  struct Used {
    Iv iv;
    EpochMs expires_at;
  };
  std::vector<Used> used_;
  std::vector<Waiting> waiting_;
  EpochMs forgotten_until_;
  bool in_flight_ = false;
  bool sealed_ = false;
  std::array<runtime::SteadyTime, 2> failures_{};  // the last two, older first; the epoch for none
};

}  // namespace nx::session
