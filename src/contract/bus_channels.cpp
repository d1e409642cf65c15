#include "contract/bus_channels.hpp"

namespace nx::contract {
namespace {

constexpr std::string_view kOfUser = "ws:user:";
constexpr std::string_view kOfClient = "ws:client:";
constexpr std::string_view kOfRoom = "ws:room:";
constexpr std::string_view kAnswers = "signal:answers:";
constexpr std::string_view kProbe = "signal:probe:";

std::string joined(std::string_view prefix, std::string_view id) {
  return std::string(prefix).append(id);
}

}  // namespace

std::string user_channel(const UserId& user) {
  return joined(kOfUser, user.value);
}

std::string client_channel(const ClientId& client) {
  return joined(kOfClient, client.value);
}

std::string room_channel(const RoomName& room) {
  return joined(kOfRoom, room.value);
}

std::string answers_channel(std::string_view instance) {
  return joined(kAnswers, instance);
}

std::string probe_channel(std::string_view instance) {
  return joined(kProbe, instance);
}

bool is_user_channel(std::string_view channel) {
  return channel.starts_with(kOfUser);
}

ChannelContent content_of(std::string_view channel) {
  if (channel == kUsersChannel) return ChannelContent::users_hint;
  if (channel == kOperatorsChannel) return ChannelContent::operator_question;
  if (channel.starts_with(kAnswers)) return ChannelContent::operator_answer;
  return ChannelContent::envelopes;
}

}  // namespace nx::contract
