#pragma once
// Sends messages and waits until the brokers have acknowledged each.

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/connection_options.hpp"
#include "kafka/record.hpp"
#include "model/result.hpp"

namespace nx::kafka {

struct ProducerOptions : ConnectionOptions {
  std::string topic;
  std::chrono::milliseconds timeout{10'000};  // until a message is acknowledged
};

/// One connection to the brokers; usable by several threads at once.
class Producer {
 public:
  static Result<Producer> make(const ProducerOptions& options);
  Producer(Producer&&) noexcept;
  Producer& operator=(Producer&&) noexcept;
  ~Producer();

  /// Blocks until the broker has acknowledged the message or the time-out has passed; the error contains brokers, topic
  /// and Kafka's reason. An empty key means no key.
  Result<void> send(std::string_view key, std::string_view value);

  /// The records from the first on that were acknowledged, and why the next one was not.
  struct Sent {
    std::vector<Position> at;
    std::optional<Error> error;
  };
  /// The same for several records at once; records of one partition keep their order. Records after one that was not
  /// acknowledged may have been sent nevertheless.
  Sent send(std::span<const OutgoingRecord> records);

 private:
  struct State;
  explicit Producer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace nx::kafka
