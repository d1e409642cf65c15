#include "delivery/hint_push.hpp"

#include <algorithm>
#include <utility>

#include "contract/bus_channels.hpp"
#include "contract/hint_message.hpp"
#include "delivery/room_patience.hpp"

namespace nx::delivery {
namespace {

/// Returns the kind of channel.
const char* publish_hint(const BusHints& bus, const std::string& head, const std::vector<fanout::HintRecipient>& to,
                         EpochMs recorded, RoomPatience& patience) {
  const auto wait = [&bus, &patience] {
    if (!bus.wait_for_room) return;
    const bool room = bus.wait_for_room(patience.until(std::chrono::steady_clock::now()));
    patience.waited(std::chrono::steady_clock::now(), room);
  };
  if (bus.compat || to.size() <= kEnvelopesAtMost) {
    for (const auto& one : to) {
      wait();
      bus.publish(contract::user_channel(one.user),
                  contract::user_hint_envelope(bus.server_id, one.user, head, one.seq, one.unread, recorded));
    }
    return "ws:user:{id}";
  }
  for (std::size_t first = 0; first < to.size(); first += contract::kUsersAMessage) {
    contract::UsersMessage message(bus.server_id, recorded);
    const std::size_t end = std::min(first + contract::kUsersAMessage, to.size());
    for (std::size_t i = first; i < end; ++i) message.add(to[i].user, to[i].seq, to[i].unread);
    wait();
    bus.publish(contract::kUsersChannel, message.finish(head));
  }
  return contract::kUsersChannel;
}

}  // namespace

PushHint push_hint(fanout::FanOut& fan_out, BusHints bus) {
  return [&fan_out, bus = std::move(bus), patience = RoomPatience(std::chrono::steady_clock::now())](
             const fanout::Payload& head, const std::vector<fanout::HintRecipient>& to,
             const fanout::HintOrigin& origin) mutable {
    Pushed pushed{.here = fan_out.hint(head, to, origin)};
    if (bus.publish) {
      pushed.channel = publish_hint(bus, *head, to, origin.recorded, patience);
      pushed.bus = to.size();
    }
    return pushed;
  };
}

TellUser tell_user(fanout::FanOut& fan_out, BusHints bus) {
  return [&fan_out, bus = std::move(bus)](const UserId& user, const fanout::Payload& frame) {
    fan_out.to_user(user, frame);
    if (bus.publish) bus.publish(contract::user_channel(user), contract::user_envelope(bus.server_id, user, *frame));
  };
}

}  // namespace nx::delivery
