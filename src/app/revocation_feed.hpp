#pragma once
// Whose tokens were taken back, from the table to the authenticator: at boot, and once a second from then on, so that
// an instance also learns of it when the bus has lost the message. The table is what counts: now and then all of it is
// read, and what it does not have any more, or never had, is forgotten.

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

  /// `learned`: of each that the table had and the authenticator did not know; not of those that the first read finds,
  /// as nobody is here before it.
  RevocationFeed(auth::Revocations& revocations, std::function<void(const store::Revocation&)> learned,
                 const observe::Logger& log, std::chrono::milliseconds whole_every = kWholeEvery)
      : revocations_(revocations), learned_(std::move(learned)), log_(log), whole_every_(whole_every) {}

  /// As ActivityNotificationRepository::revocations().
  using Rows = std::function<Result<std::vector<store::Revocation>>(const store::Revocation& after, std::size_t limit)>;

  /// What is new since the last time, or all. A failure is counted, and said when it is the first; its end, too. One
  /// thread at a time.
  Result<void> read(const Rows& rows);

  /// Clients may be here from now on: `learned` is told what came since the first read, and what comes. Any thread.
  void tell();

  std::uint64_t failures() const { return failures_.load(std::memory_order_relaxed); }  // any thread

  /// Received from elsewhere, where what follows from it is done. Any thread.
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
  std::mutex mutex_;  // guards what follows
  bool telling_ = false;
  std::vector<store::Revocation> untold_;
};

}  // namespace nx::app
