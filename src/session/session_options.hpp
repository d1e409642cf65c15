#pragma once
// The bounds of one client's conversation (docs/protocol.md#limits; SIGNAL_WS_* in docs/configuration.md#all-settings).

#include <chrono>
#include <cstddef>

namespace nx::session {

struct SessionOptions {
  // `authTimeout` of IGNIS; three times as long once `authenticate` has arrived
  std::chrono::milliseconds auth_timeout{5'000};
  std::chrono::milliseconds heartbeat_interval{30'000};
  std::chrono::milliseconds heartbeat_timeout{90'000};
  std::chrono::milliseconds ping_interval{25'000};
  std::chrono::milliseconds token_expiry_spread{60'000};
  std::chrono::milliseconds room_check_interval{60'000};
  std::size_t backpressure_bytes = 1'048'576;
  double messages_per_second = 20;    // burst kMessageBurst; 0: no limit
  bool close_on_token_expiry = true;  // SIGNAL_WS_TOKEN_EXPIRY
};

inline constexpr double kMessageBurst = 100;
// the session is closed 5 s after `exp` at the earliest
inline constexpr std::chrono::milliseconds kTokenLeeway{5'000};
inline constexpr std::size_t kMaxRooms = 64;        // in addition to the default rooms and the client's own room
inline constexpr std::size_t kMaxAskedRooms = 256;  // names in one membership question
// Bytes of one membership question: a name may have 768 bytes, and many questions may wait for the database.
inline constexpr std::size_t kMaxAskedBytes = 32U * 1024U;
// A client's rooms are closed after this many check periods without an answer about its membership.
inline constexpr int kRoomPeriods = 3;
inline constexpr std::size_t kMaxWaitingRooms = 1'024;  // above this the client is not read until the next answer
inline constexpr std::size_t kMaxMessageBeforeConnected = 16U * 1024U;
// a smaller fragment counts as a message; larger ones soon reach the limit of a message's size
inline constexpr std::size_t kTinyFragment = 1'024;
inline constexpr std::size_t kMaxMissedHints = 500;  // rows of one catch-up
inline constexpr std::size_t kMissedPage = 100;      // rows of one page: bounds the memory while a client reads slowly
// For how long after `caught-up` a push of one of its rows may still arrive.
inline constexpr std::chrono::milliseconds kLatePush{30'000};
inline constexpr std::chrono::milliseconds kCatchUpTimeout{30'000};  // afterwards the client fetches the rest over REST
inline constexpr std::chrono::milliseconds kRefreshWindow{60'000};   // three failures within it close with 4003
inline constexpr unsigned kMaxFailedOpens = 3;                       // the third closes with 4004

}  // namespace nx::session
