#pragma once
// Frames of the server on /stream, byte for byte (docs/protocol.md#json-on-the-wire). Each function returns one
// complete JSON text.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/ids.hpp"
#include "model/time.hpp"

namespace nx::contract {

/// The JSON type of the user's id in the token; `connected` repeats it.
enum class IdForm { text, number };

struct Connected {
  std::string_view client_id;
  std::string_view user_id;
  IdForm user_form = IdForm::text;
  EpochMs time;
  std::string_view server_public_key;  // standard base64
  std::string_view salt;               // standard base64
};

/// `{"event":"connected","data":{"id","userId","time","serverPublicKey","salt"}}`
std::string connected_frame(const Connected& values);

/// `{"event":"error","data":{"message":…}}`
std::string error_frame(std::string_view message);

/// `{"event":"pong","data":{"id":…,"time":…}}`; without `id` when `id_json` is empty.
std::string pong_frame(std::string_view id_json, EpochMs time);

/// `{"event":"refreshed","data":{"expiresAt":…}}`
std::string refreshed_frame(EpochMs expires_at);

/// The end of a catch-up. `unread` is null when the database did not answer.
struct CaughtUp {
  std::size_t count = 0;
  bool complete = true;
  std::int64_t seq = 0;
  std::optional<std::int64_t> unread;
  std::string epoch;  // empty when the database did not answer: then left out
};

/// `{"event":"caught-up","data":{"count","complete","seq","unread","epoch"}}`
std::string caught_up_frame(const CaughtUp& values);

/// Appends the part of a hint that follows its head for one recipient: `,"seq":N,"unread":N}`
/// (docs/protocol.md#what-arrives).
void append_hint_tail(std::string& out, std::int64_t seq, std::int64_t unread);

}  // namespace nx::contract
