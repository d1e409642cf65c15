#pragma once
// The channels of the bus (docs/protocol.md#the-bus): every name and prefix. Only libnxsignal-emitter writes its own,
// since it is linked into other services without this room. Pure, for any thread.

#include <array>
#include <string>
#include <string_view>

#include "model/ids.hpp"

namespace nx::contract {

inline constexpr const char* kBroadcastChannel = "ws:broadcast";      // to every client
inline constexpr const char* kUsersChannel = "signal:users";          // one hint to many users
inline constexpr const char* kInstancesChannel = "signal:instances";  // instances announce themselves
inline constexpr const char* kOperatorsChannel = "signal:operators";  // what one instance asks all others

/// All of the channels below that end with an id, as patterns of PSUBSCRIBE; but those of one instance.
inline constexpr std::array<const char*, 3> kPushPatterns{"ws:room:*", "ws:client:*", "ws:user:*"};

std::string user_channel(const UserId& user);
std::string client_channel(const ClientId& client);
std::string room_channel(const RoomName& room);

/// Of one instance, which listens there alone: answers to what it asked, and its probes.
std::string answers_channel(std::string_view instance);
std::string probe_channel(std::string_view instance);

bool is_user_channel(std::string_view channel);

/// What the messages of a channel are.
enum class ChannelContent {
  envelopes,  // of ws:*, and of any other name: an envelope says itself whom it is for
  users_hint,
  operator_question,
  operator_answer,
};
ChannelContent content_of(std::string_view channel);

}  // namespace nx::contract
