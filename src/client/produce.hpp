#pragma once
// What a payment service does: messages to Kafka, each waited for until the broker has it. `nx-signal notify`, and the
// page of `dev`.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/result.hpp"

namespace nx::client {

struct ProduceOptions {
  std::string brokers;  // comma-separated
  std::string topic = "signal.activity-notification";
  std::chrono::milliseconds timeout{10'000};  // until a message is acknowledged
  std::string sasl_mechanism = {};            // PLAIN, SCRAM-SHA-256, SCRAM-SHA-512; empty: none
  std::string sasl_username = {};
  std::string sasl_password = {};
  bool tls = false;
  std::string tls_ca = {};  // PEM file; empty: the system's
};

/// One connection to the brokers; any thread, several at a time.
class Producer {
 public:
  static Result<Producer> make(const ProduceOptions& options);
  Producer(Producer&&) noexcept;
  Producer& operator=(Producer&&) noexcept;
  ~Producer();

  /// Blocks until the broker has acknowledged it or the time-out passed; the error names brokers, topic and Kafka's
  /// reason. An empty key is none.
  Result<void> send(std::string_view key, std::string_view value);

 private:
  struct State;
  explicit Producer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

struct ProduceReport {
  std::int64_t produced = 0;
  struct Refused {
    std::int64_t line;  // counted from 1
    std::string reason;
  };
  std::vector<Refused> refused;  // lines that are no valid message; they were not sent
};

/// Sends every line that is a valid message (docs/notifications.md#the-message), keyed by its organisation or merchant
/// so that one organisation's messages stay in order. Blank lines are skipped. The error ends it: the brokers did not
/// take a message.
Result<ProduceReport> produce(const ProduceOptions& options,
                              const std::function<std::optional<std::string>()>& next_line);

}  // namespace nx::client
