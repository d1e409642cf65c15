#pragma once
// Messages with very many recipients, who get their rows slice by slice (docs/data-model.md#large-scopes). A broadcast
// is stored with the batch of its message and stays until its last slice is done. One worker at a time holds it, for
// the duration of a lease by the database's clock. Calls block; one object is used by one thread at a time.

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/notification.hpp"
#include "model/result.hpp"
#include "store/activity_notification_repository.hpp"

namespace nx::store {

struct Broadcast {
  Notification notification;
  std::vector<UserId> excluded;
  std::vector<UserId> listed;  // for scope `users`: in the order of their bytes
  EpochMs recorded;            // the Kafka record's time
  std::optional<std::string> traceparent;
  std::optional<std::string> done_through;  // the last member whose slice is stored; nullopt at the beginning
  std::optional<std::string> last_from;     // `done_through` before the last slice
  bool unconfirmed = false;                 // it is unknown whether the hints of the last slice were pushed
  std::int64_t recipients_done = 0;
};

/// The members after `from` up to and including `through`.
struct BroadcastSlice {
  std::optional<std::string> from;
  std::string through;
  std::vector<UserId> recipients;  // distinct, in any order, without the excluded users
};

struct StoredSlice {
  enum class Outcome {
    stored,
    busy,  // another transaction has locked one of the inboxes, or the statement took too long: nothing was stored
    lost,  // another worker holds the broadcast now: nothing was stored
  };
  Outcome outcome = Outcome::stored;
  std::vector<Delivered> recipients;
};

struct OpenBroadcasts {
  struct One {
    NotificationId id;
    std::int64_t recipients_done = 0;
    std::chrono::milliseconds age{};
  };
  std::int64_t count = 0;   // all of them
  std::vector<One> oldest;  // the oldest first
};

/// The progress of a broadcast.
struct BroadcastPosition {
  std::optional<std::string> done_through;
  std::int64_t recipients_done = 0;
  bool lists_user = false;  // scope `users` lists the user in question
};

inline constexpr std::chrono::seconds kBroadcastLease{10};
/// Limit for one wait for a lock on an inbox of a slice, because the slice holds its other locks meanwhile.
inline constexpr std::chrono::milliseconds kSliceLockTimeout{50};
inline constexpr std::chrono::milliseconds kSliceTimeout{1'000};

class BroadcastRepository {
 public:
  virtual ~BroadcastRepository() = default;

  /// Leases a broadcast to `worker`: among those without a living worker, the one whose last turn was longest ago. A
  /// broadcast whose notification no longer exists (retention) is deleted here. If this version of the program
  /// cannot read the broadcast, the result is an error that names it; the broadcast stays leased, so the next call
  /// takes another one.
  virtual Result<std::optional<Broadcast>> take(const std::string& worker) = 0;

  /// Stores rows, counters and progress in one transaction. It also confirms the hints of the previous slice and renews
  /// the lease.
  virtual Result<StoredSlice> store(const std::string& worker, const NotificationId& id,
                                    const BroadcastSlice& slice) = 0;

  /// The rows of those of `users` who have the notification in the inbox, with their current unread counts.
  virtual Result<std::vector<Delivered>> delivered(const NotificationId& id, std::span<const UserId> users) = 0;

  /// Ends the worker's turn: nobody holds the broadcast, and it is not taken again for a while. `confirmed`: the hints
  /// of the last slice are pushed.
  virtual Result<void> release(const std::string& worker, const NotificationId& id, bool confirmed,
                               std::chrono::milliseconds pause) = 0;

  /// Deletes the broadcast after its last member. False: another worker held it.
  virtual Result<bool> finish(const std::string& worker, const NotificationId& id) = 0;

  virtual Result<OpenBroadcasts> open(std::size_t limit) = 0;

  /// nullopt: there is no such broadcast, or it is done.
  virtual Result<std::optional<BroadcastPosition>> position(const NotificationId& id, const UserId& user) = 0;
};

/// Checks that every listed user can have an inbox. One that cannot would make each attempt at its slice fail for
/// ever.
Result<void> check_listed(std::span<const UserId> users);

}  // namespace nx::store
