#pragma once
// Messages to very many, whose recipients get their rows slice by slice (docs/data-model.md#large-scopes). A
// broadcast is kept from the batch that stored its message until its last slice, and one worker at a time has it: for
// as long as its lease, by the database's clock. Blocks; one object is used by one thread at a time.

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
  std::vector<UserId> listed;  // of scope `users`: in the order of their bytes
  EpochMs recorded;            // the Kafka record's time
  std::optional<std::string> traceparent;
  std::optional<std::string> done_through;  // the last member that was passed; none at the beginning
  std::optional<std::string> last_from;     // `done_through` before the last slice
  bool unconfirmed = false;                 // whether the hints of the last slice were pushed is not known
  std::int64_t recipients_done = 0;
};

/// The members behind `from` up to `through`.
struct BroadcastSlice {
  std::optional<std::string> from;
  std::string through;
  std::vector<UserId> recipients;  // distinct, any order: without the excluded
};

struct StoredSlice {
  enum class Outcome {
    stored,
    busy,  // somebody has a lock on one of the inboxes, or the statement took too long: nothing was stored
    lost,  // another worker has it now: nothing was stored
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

/// How far one has come.
struct BroadcastPosition {
  std::optional<std::string> done_through;
  std::int64_t recipients_done = 0;
  bool lists_user = false;  // scope `users` names who was asked for
};

inline constexpr std::chrono::seconds kBroadcastLease{10};
/// Of one slice: what waits for a lock of its inboxes waits at most so long, with the locks of the slice in hand.
inline constexpr std::chrono::milliseconds kSliceLockTimeout{50};
inline constexpr std::chrono::milliseconds kSliceTimeout{1'000};

class BroadcastRepository {
 public:
  virtual ~BroadcastRepository() = default;

  /// Of those that no living worker has the one whose turn was the longest ago, for `worker` now. A broadcast whose
  /// notification is gone (retention) ends here.
  virtual Result<std::optional<Broadcast>> take(const std::string& worker) = 0;

  /// Rows, counters and how far it has come in one transaction. Confirms the hints of the slice before and renews the
  /// lease.
  virtual Result<StoredSlice> store(const std::string& worker, const NotificationId& id,
                                    const BroadcastSlice& slice) = 0;

  /// Of those users who have it in the inbox: their rows, with the unread count of now.
  virtual Result<std::vector<Delivered>> delivered(const NotificationId& id, std::span<const UserId> users) = 0;

  /// The worker's turn is over; it is nobody's now and is not taken for a while. `confirmed`: the hints of the last
  /// slice are pushed.
  virtual Result<void> release(const std::string& worker, const NotificationId& id, bool confirmed,
                               std::chrono::milliseconds pause) = 0;

  /// There are no more members. False: it was another worker's.
  virtual Result<bool> finish(const std::string& worker, const NotificationId& id) = 0;

  virtual Result<OpenBroadcasts> open(std::size_t limit) = 0;

  /// None: there is no such broadcast, or it is done.
  virtual Result<std::optional<BroadcastPosition>> position(const NotificationId& id, const UserId& user) = 0;
};

/// Whether all of them can have an inbox: what can not would fail each try of its slice, for ever.
Result<void> check_listed(std::span<const UserId> users);

}  // namespace nx::store
