#pragma once
// The bounds of one client's conversation (docs/protocol.md#limits; SIGNAL_WS_* of docs/configuration.md#all-settings).

#include <chrono>
#include <cstddef>

namespace nx::session {

struct SessionOptions {
  std::chrono::milliseconds auth_timeout{5'000};  // IGNIS authTimeout; three times that once `authenticate` has arrived
  std::chrono::milliseconds heartbeat_interval{30'000};
  std::chrono::milliseconds heartbeat_timeout{90'000};
  std::chrono::milliseconds ping_interval{25'000};
  std::chrono::milliseconds token_expiry_spread{60'000};
  std::chrono::milliseconds room_check_interval{60'000};
  std::size_t backpressure_bytes = 1'048'576;
  double messages_per_second = 20;  // 0: no limit
  bool close_on_token_expiry = true;
};

inline constexpr double kMessageBurst = 100;
inline constexpr std::chrono::milliseconds kTokenLeeway{5'000};  // closed at exp + 5 s, or later
inline constexpr std::size_t kMaxRooms = 64;                     // beside the default ones and its own
inline constexpr std::size_t kMaxAskedRooms = 256;               // bounds one membership question
// So does this: a name may have 768 bytes, and as many questions wait for the database as there is room for.
inline constexpr std::size_t kMaxAskedBytes = 32U * 1024U;
// So many periods without a word about its membership, and a client receives nothing of its rooms any more.
inline constexpr int kRoomPeriods = 3;
inline constexpr std::size_t kMaxWaitingRooms = 1'024;  // beyond, the client is not read until the next answer
inline constexpr std::size_t kMaxMessageBeforeConnected = 16U * 1024U;
inline constexpr std::size_t kTinyFragment = 1'024;  // a smaller one counts as a message: larger ones fill the message
inline constexpr std::size_t kMaxMissedHints = 500;  // one catch-up
inline constexpr std::size_t kMissedPage = 100;      // bounds the rows in memory while a client reads slowly
// How long after `caught-up` the push of a row that it brought may still be under way.
inline constexpr std::chrono::milliseconds kLatePush{30'000};
inline constexpr std::chrono::milliseconds kCatchUpTimeout{30'000};  // then the client fetches the rest over REST
inline constexpr std::chrono::milliseconds kRefreshWindow{60'000};   // three failures within it close 4003
inline constexpr unsigned kMaxFailedOpens = 3;                       // the third closes 4004

}  // namespace nx::session
