#include "delivery/relay.hpp"

#include <memory>

namespace nx::delivery {
namespace {

struct Dispatch {
  fanout::FanOut& fan_out;
  const fanout::Payload& frame;

  void operator()(const contract::ToEveryone& to) const { fan_out.to_everyone(frame, to.exclude); }
  void operator()(const contract::ToRoom& to) const { fan_out.to_room(to.room, frame, to.exclude); }
  void operator()(const contract::ToClient& to) const { fan_out.to_client(to.client, frame); }
  void operator()(const contract::ToUser& to) const { fan_out.to_user(to.user, frame); }
  void operator()(const contract::ToClientOrUser& to) const {
    fan_out.to_client(ClientId{to.id}, frame);
    fan_out.to_user(UserId{to.id}, frame);
  }
};

}  // namespace

RelaySink relay_to(fanout::FanOut& fan_out) {
  return [&fan_out](const contract::BusDestination& destination, const fanout::Payload& frame) {
    std::visit(Dispatch{fan_out, frame}, destination);
  };
}

Relay::Relay(RelayOptions options, RelaySink sink, const observe::Logger& log)
    : options_(std::move(options)), sink_(std::move(sink)), log_(log) {}

void Relay::operator()(std::string_view message) {
  std::int64_t suppressed = 0;
  if (message.size() > options_.max_push_bytes) {
    stats_.too_large.add();
    if (too_large_gate_.pass(suppressed)) {
      log_.warn("bus message dropped", {{"reason", "too large"},
                                        {"bytes", message.size()},
                                        {"limit_bytes", options_.max_push_bytes},
                                        {"suppressed", suppressed}});
    }
    return;
  }
  const auto envelope = contract::decode_bus_envelope(message);
  if (!envelope) {
    stats_.malformed.add();
    if (malformed_gate_.pass(suppressed)) {
      log_.warn("bus message dropped", {{"reason", envelope.error().message}, {"suppressed", suppressed}});
    }
    return;
  }
  if (!options_.server_id.empty() && envelope->server_id == options_.server_id) {
    stats_.own.add();
    return;
  }
  sink_(envelope->destination, std::make_shared<const std::string>(contract::frame_text(*envelope)));
  stats_.relayed.add();
}

}  // namespace nx::delivery
