#include "app/operator_wires.hpp"

namespace nx::app {

operators::OperatorWires operator_wires(const std::string& instance, gateway::Gateway& gateway, RevocationFeed& feed,
                                        bus::Bus* bus) {
  operators::OperatorWires wires;
  wires.instance = instance;
  wires.here = [&gateway, &feed](const contract::OperatorAsk& ask, std::function<void(contract::Findings)> done) {
    // Tokens first: who comes back between the two is refused.
    if (const auto* user = std::get_if<contract::DisconnectUser>(&ask)) feed.hear({user->user, user->revoked_at});
    gateway.answer(ask, std::move(done));
  };
  if (bus == nullptr) return wires;
  wires.publish = [bus](std::string channel, std::string message) {
    bus->publish(std::move(channel), std::move(message));
  };
  wires.others = [bus](std::function<void(operators::OperatorWires::Others)> told) {
    bus->ask_others([told = std::move(told)](std::vector<std::string> instances, bool connected) {
      told({.instances = std::move(instances), .reachable = connected});
    });
  };
  return wires;
}

}  // namespace nx::app
