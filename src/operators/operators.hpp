#pragma once
// Asks all instances, and answers what the others ask. One loop and thread of its own; every method is for any thread
// and none waits.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "contract/operator_message.hpp"
#include "observe/log.hpp"
#include "operators/gathering.hpp"

namespace nx::operators {

struct OperatorLimits {
  std::size_t asked = 16;                         // questions of ours that are unanswered
  std::size_t answering = 16;                     // of others
  std::size_t queued_bytes = 16UL * 1024 * 1024;  // from the bus, not looked at yet
  std::chrono::milliseconds wait{1'000};          // for the others
};

struct OperatorCallbacks {
  std::string instance;  // this one: a UUID
  /// Looks or acts among the clients here; `done` may be called on any thread, or never when the instance stops.
  std::function<void(const contract::OperatorAsk&, std::function<void(contract::Findings)> done)> here;

  struct Others {
    std::vector<std::string> instances;
    bool reachable = true;  // what is published now is received soon
  };
  // Both empty: there is no bus, and nobody else.
  std::function<void(std::function<void(Others)> told)> others;
  std::function<void(std::string channel, std::string message)> publish;
};

class Operators {
 public:
  Operators(OperatorCallbacks callbacks, OperatorLimits limits, const observe::Logger& log);
  ~Operators();  // stop()
  Operators(const Operators&) = delete;
  Operators& operator=(const Operators&) = delete;

  void start();
  void stop();  // blocks for a moment; what is unanswered stays so

  /// `done` is called once, on the loop's thread, after `wait` at the latest; with nothing when too many questions are
  /// unanswered already. A list that asks for `limit` is answered with so many.
  void ask(contract::OperatorAsk ask, std::function<void(std::optional<Gathered>)> done);

  /// From the bus; the views end with the call.
  void receive_question(std::string_view message);
  void receive_answer(std::string_view message);

  struct Stats {
    std::uint64_t asked = 0;      // here
    std::uint64_t refused = 0;    // too many at once
    std::uint64_t missing = 0;    // answers of others that did not come
    std::uint64_t answered = 0;   // of others
    std::uint64_t malformed = 0;  // messages from the bus that are none of these
    std::uint64_t dropped = 0;    // messages from the bus beyond what is handled at once
  };
  Stats stats() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
  std::thread thread_;
};

}  // namespace nx::operators
