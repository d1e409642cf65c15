#pragma once
// The hints that clients may have missed during a gap of the bus, read from the inboxes.

#include <chrono>
#include <vector>

#include "session/lookups.hpp"
#include "store/activity_notification_repository.hpp"

namespace nx::app {

struct RecentHintsBounds {
  EpochMs oldest;  // a notification that was stored before this is no news any more
  std::chrono::steady_clock::time_point deadline;
  std::size_t bytes = 1UL << 20U;  // of all texts; the last client may exceed it
};

/// As session::Lookups::recent. Ends before a client with rows when time or bytes are used up, but not before the
/// first client with rows.
Result<std::vector<std::vector<session::RecentHint>>> recent_hints(store::ActivityNotificationRepository& notifications,
                                                                   const std::vector<UserId>& users, EpochMs since,
                                                                   const RecentHintsBounds& bounds);

}  // namespace nx::app
