#pragma once
// Keeps `refresh` honest on one connection: a replayed encrypted frame never refreshes again, one question is in flight
// at a time, and three failures in a minute are too many (contract §4). Made at the first `refresh`; one thread.
//
// A replay carries the IV of its original, so IVs that came with a refresh are remembered. The oldest is forgotten at
// 32; what it refreshed to is kept as a mark, and a sealed refresh that does not go beyond the mark is taken for its
// replay.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/time.hpp"
#include "runtime/event_loop.hpp"

namespace nx::session {

using Iv = std::array<std::uint8_t, 12>;

class RefreshGuard {
 public:
  enum class Verdict { ask, busy, replay };

  /// `iv` of the envelope that the refresh came in; none for plaintext.
  Verdict begin(const std::optional<Iv>& iv);

  /// The token in question is good until then: false when it must be taken for a replay.
  bool succeed(EpochMs expires_at);

  /// True when this failure is one too many.
  bool fail(runtime::SteadyTime now);

 private:
  static constexpr std::size_t kMaxRemembered = 32;
  struct Used {
    Iv iv;
    EpochMs expires_at;
  };
  std::vector<Used> used_;
  EpochMs forgotten_until_;
  bool in_flight_ = false;
  bool sealed_ = false;
  std::array<runtime::SteadyTime, 2> failures_{};  // the last two, older first; the epoch for none
};

}  // namespace nx::session
