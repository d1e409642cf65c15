#pragma once
// The names and prefixes of the channels of the bus (docs/protocol.md#the-bus). They also occur in libnxsignal-emitter
// and in the TypeScript producer, which other services use without this module; in redis/greeting.cpp, which prints the
// ACL rules that Signal needs; and in model/room_name.cpp, which detects names with the channels' prefix. No state;
// any thread.

#include <array>
#include <string>
#include <string_view>

#include "model/ids.hpp"

namespace nx::contract {

inline constexpr const char* kBroadcastChannel = "ws:broadcast";      // to every client
inline constexpr const char* kUsersChannel = "signal:users";          // one hint to many users
inline constexpr const char* kInstancesChannel = "signal:instances";  // instances announce themselves
inline constexpr const char* kOperatorsChannel = "signal:operators";  // questions of one instance to all others

/// All channels below that end with an id, as patterns of PSUBSCRIBE, except those of a single instance.
inline constexpr std::array<const char*, 3> kPushPatterns{"ws:room:*", "ws:client:*", "ws:user:*"};

std::string user_channel(const UserId& user);
std::string client_channel(const ClientId& client);
std::string room_channel(const RoomName& room);

/// Channels to which only one instance subscribes: for answers to its questions, and for its probes.
std::string answers_channel(std::string_view instance);
std::string probe_channel(std::string_view instance);

bool is_user_channel(std::string_view channel);

/// The kind of message that a channel carries.
enum class ChannelContent {
  envelopes,  // ws:* and every other name; the envelope itself says who receives it
  users_hint,
  operator_question,
  operator_answer,
};
ChannelContent content_of(std::string_view channel);

}  // namespace nx::contract
