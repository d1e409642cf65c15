#pragma once
// Feeds revocations from the table to the authenticator: at the start and then once a second, so that an instance
// learns of them even if the bus has lost the message. The table is authoritative: at intervals all of it is read, and
// revocations that it does not contain are forgotten.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "auth/revocations.hpp"
#include "observe/log.hpp"
#include "store/activity_notification_repository.hpp"

namespace nx::app {

class RevocationFeed {
 public:
  static constexpr std::chrono::milliseconds kWholeEvery{60'000};

  /// `learned`: called for each revocation in the table that the authenticator did not know; not for those of the first
  /// read, because there are no clients before it.
  RevocationFeed(auth::Revocations& revocations, std::function<void(const store::Revocation&)> learned,
                 const observe::Logger& log, std::chrono::milliseconds whole_every = kWholeEvery)
      : revocations_(revocations), learned_(std::move(learned)), log_(log), whole_every_(whole_every) {}

  /// The arguments and the result of ActivityNotificationRepository::revocations().
  using Rows = std::function<Result<std::vector<store::Revocation>>(const store::Revocation& after, std::size_t limit)>;

  /// Reads the rows since the last read, or all. A failure is counted; the first one is logged, and so is its end. One
  /// thread at a time.
  Result<void> read(const Rows& rows);

  /// Clients may connect from now on: `learned` is called for revocations since the first read and for later ones. Any
  /// thread.
  void tell();

  std::uint64_t failures() const { return failures_.load(std::memory_order_relaxed); }  // any thread

  /// For a revocation received from another instance, whose consequences are handled there. Any thread.
  void receive(const store::Revocation& revocation) { add(revocation); }

 private:
  Result<void> read_behind(store::Revocation after, const Rows& rows);
  bool add(const store::Revocation& revocation);
  void note(const store::Revocation& revocation);

  auth::Revocations& revocations_;
  const std::function<void(const store::Revocation&)> learned_;
  const observe::Logger& log_;
  const std::chrono::milliseconds whole_every_;
  std::chrono::steady_clock::time_point next_whole_;
  bool has_read_ = false, failing_ = false;
  observe::LogGate full_gate_;
  EpochMs newest_;
  std::atomic<std::uint64_t> failures_{0};
  std::mutex mutex_;  // guards the members below
  bool telling_ = false;
  std::vector<store::Revocation> untold_;
};

}  // namespace nx::app
