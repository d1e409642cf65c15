#pragma once
// The key set of the identity service, fetched when first needed and then refreshed (docs/security.md#the-key-set). It
// has one thread of its own for fetching. Every method may be called on any thread, and none but stop() blocks.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "auth/key_set.hpp"
#include "auth/key_set_download.hpp"
#include "auth/key_set_stats.hpp"
#include "observe/log.hpp"

namespace nx::auth {

class KeySetSource {
 public:
  struct Options {
    std::string url;
    std::function<Result<std::string>()> fetch;  // used instead of the URL when set
    std::chrono::milliseconds ttl;
    std::chrono::milliseconds cooldown;
    std::chrono::milliseconds timeout;
    std::string tls_ca;  // PEM file; empty: the system's certificates
  };

  /// `log` is borrowed. `on_change` is called on the fetch thread whenever a fetched set differs from the previous one.
  KeySetSource(Options options, const observe::Logger& log, std::function<void()> on_change);
  ~KeySetSource();  // calls stop()
  KeySetSource(const KeySetSource&) = delete;
  KeySetSource& operator=(const KeySetSource&) = delete;

  struct Current {
    std::shared_ptr<const KeySet> keys;  // null: not fetched yet, or older than the TTL
    std::uint64_t generation = 0;        // changes with every new set
    std::uint64_t ended_fetches = 0;
  };
  Current current() const;

  /// Cancels a running fetch, drops the waiting callbacks and joins the thread. Called by the owner, once or more, not
  /// on the fetch thread.
  void stop();

  enum class Wait {
    // `then` is called on the fetch thread when the fetch has ended, successfully or not; dropped by the destructor
    joined,
    changed,  // a fetch has ended since `seen` was taken: look up the key again
    // no fetch now: a fresh set is younger than the cool-down, the last failure is younger than 1 s, or too many
    // callbacks wait
    refused,
  };
  Wait wait_for_fetch(const Current& seen, std::function<void()> then);

  KeySetStats stats() const;

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  void fetch_once(std::unique_lock<std::mutex>& lock);
  void take(Result<KeySet> set, const std::array<std::uint8_t, 32>& digest);
  bool is_fresh(Clock::time_point now) const;
  bool failed_just_now(Clock::time_point now) const;
  Clock::time_point next_refresh() const;

  const Options options_;
  const observe::Logger& log_;
  const std::function<void()> on_change_;
  KeySetDownload download_;

  mutable std::mutex mutex_;  // guards all members below
  std::condition_variable wake_;
  bool stopping_ = false;
  bool wanted_ = false;    // a fetch must be started
  bool fetching_ = false;  // a fetch is in progress
  std::shared_ptr<const KeySet> keys_;
  std::array<std::uint8_t, 32> digest_{};  // of the text from which the set was read
  std::uint64_t generation_ = 0;
  Clock::time_point last_success_{};  // valid only when keys_ is set
  Clock::time_point last_failure_{};  // valid only when failed_last_
  bool failed_last_ = false;
  std::vector<std::function<void()>> waiting_;
  KeySetStats stats_;

  std::thread thread_;
};

}  // namespace nx::auth
