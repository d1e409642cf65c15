#pragma once
// The other instances. Each announces itself every 5 s on signal:instances. It is forgotten after 15 s without an
// announcement (docs/protocol.md#instances-and-probes), or when it announces its end. Bus thread only, except count().

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "model/keyed_hash.hpp"
#include "observe/log.hpp"

namespace nx::bus {

class Instances {
 public:
  static constexpr std::chrono::milliseconds kInterval{5'000};
  // minimum between two announcements, however many instances are new
  static constexpr std::chrono::milliseconds kLeastInterval{500};
  static constexpr std::chrono::milliseconds kForgotten{15'000};

  /// `started` is in epoch milliseconds.
  Instances(std::string id, std::int64_t started, const observe::Logger& log);

  void announce_as(std::string address);

  const std::string& announcement() const { return announcement_; }
  /// The last announcement, at which all receivers forget this instance at once. Empty when nothing was announced
  /// before.
  std::string farewell() const;

  /// Ignores everything but announcements. Logs an error when another live process has our id. Returns true for a new
  /// instance, which does not know us yet.
  bool receive(std::string_view message, std::chrono::steady_clock::time_point now);

  /// Instances that have not announced themselves for too long are no longer counted. They are erased too, unless
  /// all_back() may still wait for them.
  void forget(std::chrono::steady_clock::time_point now, bool link_is_down);

  /// Nothing could be received for a while: every instance gets the full time again to announce itself.
  void link_was_down(std::chrono::steady_clock::time_point now);
  /// Every known instance has announced itself since the link was down.
  bool all_back() const;

  std::vector<std::string> others() const;

  std::size_t count() const { return count_.load(std::memory_order_relaxed); }  // any thread; includes this instance

 private:
  struct Other {
    std::int64_t started = 0;
    std::chrono::steady_clock::time_point last_received;
    bool back = true;  // has announced itself since the link was down
  };

  const std::string id_;
  const std::int64_t started_;
  std::string announcement_;
  const observe::Logger& log_;
  KeyedMap<std::string, Other> others_;
  std::atomic<std::size_t> count_{1};
  observe::LogGate twin_gate_;
};

}  // namespace nx::bus
