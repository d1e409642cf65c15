#pragma once
// Asks all instances on behalf of operators, and answers the questions of other instances. Has its own loop and thread;
// every method may be called by any thread and does not block.

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
  std::size_t asked = 16;                         // unanswered questions of this instance
  std::size_t answering = 16;                     // unanswered questions of other instances
  std::size_t queued_bytes = 16UL * 1024 * 1024;  // received from the bus, not handled yet
  std::chrono::milliseconds wait{1'000};          // for the answers of other instances
};

struct OperatorCallbacks {
  std::string instance;  // id of this instance: a UUID
  /// Searches or acts on the clients of this instance; `done` may be called on any thread, or never if the instance
  /// stops.
  std::function<void(const contract::OperatorAsk&, std::function<void(contract::Findings)> done)> here;

  struct Others {
    std::vector<std::string> instances;
    bool reachable = true;  // a message published now is received soon
  };
  // Both empty: there is no bus, and no other instance.
  std::function<void(std::function<void(Others)> told)> others;
  std::function<void(std::string channel, std::string message)> publish;
};

class Operators {
 public:
  Operators(OperatorCallbacks callbacks, OperatorLimits limits, const observe::Logger& log);
  ~Operators();  // calls stop()
  Operators(const Operators&) = delete;
  Operators& operator=(const Operators&) = delete;

  void start();
  void stop();  // blocks for a moment; unanswered questions stay unanswered

  /// `done` is called once, on the loop's thread, after `wait` at the latest; with nullopt if too many questions are
  /// unanswered already. A list that asks for `limit` clients is answered with at most that many.
  void ask(contract::OperatorAsk ask, std::function<void(std::optional<Gathered>)> done);

  /// Messages from the bus; the views are valid during the call.
  void receive_question(std::string_view message);
  void receive_answer(std::string_view message);

  struct Stats {
    std::uint64_t asked = 0;      // questions of this instance
    std::uint64_t refused = 0;    // because too many were unanswered
    std::uint64_t missing = 0;    // answers of other instances that did not arrive
    std::uint64_t answered = 0;   // questions of other instances
    std::uint64_t malformed = 0;  // messages from the bus that are neither questions nor answers
    std::uint64_t dropped = 0;    // messages from the bus beyond the limits
  };
  Stats stats() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
  std::thread thread_;
};

}  // namespace nx::operators
