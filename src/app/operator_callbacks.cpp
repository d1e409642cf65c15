#include "app/operator_callbacks.hpp"

namespace nx::app {

operators::OperatorCallbacks operator_callbacks(const std::string& instance, gateway::Gateway& gateway,
                                                RevocationFeed& feed, bus::Bus* bus) {
  operators::OperatorCallbacks callbacks;
  callbacks.instance = instance;
  callbacks.here = [&gateway, &feed](const contract::OperatorAsk& ask, std::function<void(contract::Findings)> done) {
    // Tokens first: who comes back between the two is refused.
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

std::vector<std::string> operator_channels(const std::string& instance) {
  return {std::string(contract::kOperatorsChannel), std::string(contract::kAnswersChannel) + instance};
}

bool take_operator_message(operators::Operators& operators, std::string_view channel, std::string_view message) {
  if (channel == contract::kOperatorsChannel) {
    operators.receive_question(message);
  } else if (channel.starts_with(contract::kAnswersChannel)) {
    operators.receive_answer(message);
  } else {
    return false;
  }
  return true;
}

}  // namespace nx::app
