#include "app/operator_callbacks.hpp"

#include <utility>

namespace nx::app {

operators::OperatorCallbacks operator_callbacks(const std::string& instance, const OperatorParts& parts) {
  operators::OperatorCallbacks callbacks;
  callbacks.instance = instance;
  callbacks.here = [&gateway = parts.gateway, &feed = parts.feed, describe = parts.describe](
                       const contract::OperatorAsk& ask, std::function<void(contract::Findings)> done) {
    if (std::holds_alternative<contract::DescribeInstance>(ask)) {
      contract::Findings findings{.count = 1, .clients = {}};
      findings.instance = describe();
      return done(std::move(findings));
    }
    // Tokens first: a client that reconnects between the two steps is refused.
    if (const auto* user = std::get_if<contract::DisconnectUser>(&ask)) feed.receive({user->user, user->revoked_at});
    gateway.answer(ask, std::move(done));
  };
  if (parts.bus == nullptr) return callbacks;
  callbacks.publish = [bus = parts.bus](std::string channel, std::string message) {
    bus->publish(std::move(channel), std::move(message));
  };
  callbacks.others = [bus = parts.bus](std::function<void(operators::OperatorCallbacks::Others)> told) {
    bus->ask_others([told = std::move(told)](std::vector<std::string> instances, bool connected) {
      told({.instances = std::move(instances), .reachable = connected});
    });
  };
  return callbacks;
}

}  // namespace nx::app
