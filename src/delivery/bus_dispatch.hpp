#pragma once
// Passes a message of the bus to the part of this instance that its channel is for.

#include <functional>
#include <string_view>

#include "delivery/relay.hpp"

namespace nx::delivery {

/// Receives the questions and answers of operators. It is a listener because the module `operators` is not below this
/// one. Each function is called on the dispatching thread; the view is valid during the call.
struct OperatorListener {
  std::function<void(std::string_view message)> question;
  std::function<void(std::string_view message)> answer;
};

class BusDispatch {
 public:
  /// `relay` is borrowed.
  BusDispatch(Relay& relay, OperatorListener operators) : relay_(relay), operators_(std::move(operators)) {}

  /// Never fails, see Relay. On the thread of the bus.
  void operator()(std::string_view channel, std::string_view message) const;

 private:
  Relay& relay_;
  OperatorListener operators_;
};

}  // namespace nx::delivery
