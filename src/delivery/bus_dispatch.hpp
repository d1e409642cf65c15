#pragma once
// Which part of this instance a message of the bus is for: the channel decides.

#include <functional>
#include <string_view>

#include "delivery/relay.hpp"

namespace nx::delivery {

/// Takes what operators ask and answer: a listener, since the room of the operators is not below this one. Each is
/// called on the thread that dispatches; the view ends with the call.
struct OperatorListener {
  std::function<void(std::string_view message)> question;
  std::function<void(std::string_view message)> answer;
};

class BusDispatch {
 public:
  /// `relay` is borrowed.
  BusDispatch(Relay& relay, OperatorListener operators) : relay_(relay), operators_(std::move(operators)) {}

  /// Never fails, see Relay. The thread of the bus.
  void operator()(std::string_view channel, std::string_view message) const;

 private:
  Relay& relay_;
  OperatorListener operators_;
};

}  // namespace nx::delivery
