#pragma once
// Who else is there: each instance announces itself every 5 s on signal:instances and is forgotten after 15 s
// (docs/protocol.md#instances-and-probes), or when it says that it ends. Bus thread only, but for count().

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
  static constexpr std::chrono::milliseconds kLeastInterval{500};  // however many are new
  static constexpr std::chrono::milliseconds kForgotten{15'000};

  /// `started` is epoch milliseconds.
  Instances(std::string id, std::int64_t started, const observe::Logger& log);

  void announce_as(std::string address);

  const std::string& announcement() const { return announcement_; }
  /// The last one: who receives it forgets us at once. Empty when nothing was announced.
  std::string farewell() const;

  /// Anything else than an announcement is ignored. Another live process with our id is logged at error. True: somebody
  /// new, who does not know us yet.
  bool receive(std::string_view message, std::chrono::steady_clock::time_point now);

  /// Who did not announce itself for too long is no longer counted, and not kept either unless all_back() may still ask
  /// for them.
  void forget(std::chrono::steady_clock::time_point now, bool link_is_down);

  /// Nothing could be received for a while: everybody gets the whole time again to announce itself.
  void link_was_down(std::chrono::steady_clock::time_point now);
  /// Everybody known has announced itself since then.
  bool all_back() const;

  std::vector<std::string> others() const;

  std::size_t count() const { return count_.load(std::memory_order_relaxed); }  // any thread; this one included

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
