#pragma once
// Whose tokens were taken back, from the table to the authenticator: at boot, and once a second from then on, so that
// an instance also hears of it when the bus has lost the message.

#include <functional>

#include "auth/revocations.hpp"
#include "observe/log.hpp"
#include "store/activity_notification_repository.hpp"

namespace nx::app {

class RevocationFeed {
 public:
  /// `learned`: of each that the table had and the authenticator did not know.
  RevocationFeed(auth::Revocations& revocations, std::function<void(const store::Revocation&)> learned,
                 const observe::Logger& log)
      : revocations_(revocations), learned_(std::move(learned)), log_(log) {}

  /// What is new since the last time. One thread at a time.
  Result<void> read(store::ActivityNotificationRepository& repository);

  /// Heard of elsewhere, where what follows from it is done. Any thread.
  void hear(const store::Revocation& revocation) { add(revocation); }

 private:
  bool add(const store::Revocation& revocation);

  auth::Revocations& revocations_;
  const std::function<void(const store::Revocation&)> learned_;
  const observe::Logger& log_;
  observe::LogGate full_gate_;
  EpochMs newest_;
};

}  // namespace nx::app
