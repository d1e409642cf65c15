#pragma once
// Works on broadcasts (store/broadcast_repository.hpp) in stints: the next broadcast in turn gets slices for a short
// time, then the one after it. A slice is a transaction of about ten milliseconds; its hints follow it. Used by one
// thread; blocks.

#include <chrono>
#include <stop_token>
#include <string>

#include "contract/hint_message.hpp"
#include "delivery/broadcast_members.hpp"
#include "delivery/young_hints.hpp"
#include "model/keyed_hash.hpp"
#include "observe/log.hpp"
#include "store/repositories.hpp"

namespace nx::delivery {

struct BroadcastOptions {
  std::chrono::milliseconds hint_max_age{3'600'000};  // SIGNAL_HINT_MAX_AGE_MS
  EpochMs (*now)() = now_wall;
  std::size_t slice = contract::kUsersAMessage;  // maximum number of members
  std::chrono::milliseconds stint{250};
  std::chrono::milliseconds long_stint{5'000};  // when many members are read ahead
  std::chrono::milliseconds look_every{1'000};  // interval of looks for broadcasts of other instances
  RunLengths runs = {};
  trace::SpanWriter* spans = nullptr;  // of the thread that runs the stints; null: tracing is off
};

struct BroadcastStats : HintStats {
  observe::SharedCounter recipients, slices, finished;
  observe::SharedCounter waits;       // slices that failed because of a lock or a slow database
  observe::SharedCounter taken_over;  // from a worker that had not confirmed its hints
  observe::SharedCounter left_out;    // members whose ids cannot be user ids
  observe::SharedCounter failures;    // stints that ended with an error
};

class BroadcastStints {
 public:
  /// `worker` must be unique to this process.
  BroadcastStints(std::string worker, store::Repositories repositories, PushHint push, BroadcastOptions options,
                  const observe::Logger& log);
  BroadcastStints(const BroadcastStints&) = delete;
  BroadcastStints& operator=(const BroadcastStints&) = delete;

  /// One stint on the next broadcast in turn. Returns the time until the next stint can be due. After a stop request it
  /// ends after the current slice. An error means that the database does not answer; the failure of a single broadcast
  /// is logged, and it pauses while others have their turns.
  Result<std::chrono::milliseconds> run(const std::stop_token& stop);

  Result<store::OpenBroadcasts> open(std::size_t limit) { return repositories_.broadcasts->open(limit); }
  const BroadcastStats& stats() const { return stats_; }

 private:
  enum class End { time, finished, waits, lost };

  Result<void> push_again(const store::Broadcast& broadcast);
  Result<End> slices(store::Broadcast& broadcast, const std::stop_token& stop);
  Result<End> slice(store::Broadcast& broadcast, BroadcastMembers& members, std::span<const UserId> ahead,
                    const KeyedSet<UserId>& excluded);
  Result<End> finish(const store::Broadcast& broadcast);
  Result<std::chrono::milliseconds> failed(const store::Broadcast& broadcast, const Error& error);
  void push(const store::Broadcast& broadcast, const std::vector<store::Delivered>& rows);
  void note_wait(const store::Broadcast& broadcast, const UserId& user);
  void log_begin(const store::Broadcast& broadcast) const;

  const std::string worker_;
  store::Repositories repositories_;
  PushHint push_;
  const BroadcastOptions options_;
  const observe::Logger& log_;
  observe::LogGate wait_gate_, failure_gate_;
  BroadcastStats stats_;
  std::size_t size_;                // users in the next slice
  std::chrono::milliseconds idle_;  // pause until the next look if there is nothing to do
};

}  // namespace nx::delivery
