#include "app/operator_callbacks.hpp"

namespace nx::app {

operators::OperatorCallbacks operator_callbacks(const std::string& instance, gateway::Gateway& gateway,
                                                RevocationFeed& feed, bus::Bus* bus) {
  operators::OperatorCallbacks callbacks;
  callbacks.instance = instance;
  callbacks.here = [&gateway, &feed](const contract::OperatorAsk& ask, std::function<void(contract::Findings)> done) {
    // Tokens first: a client that reconnects between the two steps is refused.
    if (const auto* user = std::get_if<contract::DisconnectUser>(&ask)) feed.receive({user->user, user->revoked_at});
    gateway.answer(ask, std::move(done));
  };
  if (bus == nullptr) return callbacks;
  callbacks.publish = [bus](std::string channel, std::string message) {
    bus->publish(std::move(channel), std::move(message));
  };
  callbacks.others = [bus](std::function<void(operators::OperatorCallbacks::Others)> told) {
    bus->ask_others([told = std::move(told)](std::vector<std::string> instances, bool connected) {
      told({.instances = std::move(instances), .reachable = connected});
    });
  };
  return callbacks;
}

}  // namespace nx::app
