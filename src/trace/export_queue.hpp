#pragma once
// The spans that wait for the collector: bounded; what does not fit is dropped and counted. Decides when the next
// request is due, and what its answer means. Time is a parameter; used by one thread, except the counters.

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "observe/counter.hpp"
#include "runtime/backoff.hpp"
#include "trace/span.hpp"

namespace nx::trace {

/// The collector's answer.
struct Answer {
  int status = 0;  // 0: there was none
  std::optional<std::chrono::seconds> retry_after{};
  std::size_t rejected = 0;  // spans of a request that was accepted in part
};

class ExportQueue {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kMaxSpans = 8'192;
  static constexpr std::size_t kRequestSpans = 512;
  static constexpr std::chrono::milliseconds kFirstRetry{1'000}, kLastRetry{30'000};
  static constexpr std::chrono::seconds kLongestRetryAfter{60};

  struct Counters {
    observe::Counter exported;  // spans that the collector has accepted
    observe::Counter no_room;   // spans that did not fit into the queue
    observe::Counter refused;   // spans that the collector does not want
    observe::Counter failed;    // requests that will be sent again
  };

  void add(std::span<const Span> spans);
  std::size_t size() const { return spans_.size() - first_; }

  /// The spans of the next request; empty before it is due. Valid until the next call of another method.
  std::span<const Span> due(Clock::time_point now) const;
  /// The same without a back-off: for the last request of the process.
  std::span<const Span> next() const;

  /// The answer to a request with the first `count` spans. True if they are done: accepted or refused.
  bool answered(std::size_t count, const Answer& answer, Clock::time_point now);

  const Counters& counters() const { return counters_; }

 private:
  void remove(std::size_t count);

  std::vector<Span> spans_;
  std::size_t first_ = 0;  // index of the oldest that is not done
  Clock::time_point not_before_{};
  runtime::Backoff backoff_{kFirstRetry, kLastRetry};
  Counters counters_;
};

}  // namespace nx::trace
