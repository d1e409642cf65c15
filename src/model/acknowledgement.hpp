#pragma once
// The acknowledgement of one user's clients: notifications by id, or a stretch of the user's own sequence.

#include <cstdint>
#include <vector>

#include "model/ids.hpp"
#include "model/time.hpp"

namespace nx {

/// The number of rows of a stretch that are marked, newest first: as many as one catch-up sends. Bounds the cost of one
/// message.
inline constexpr std::int64_t kMaxAcknowledgedRows = 500;
/// Ids in one message.
inline constexpr std::size_t kMaxAcknowledgedIds = 100;

struct Acknowledgement {
  UserId user;
  std::vector<NotificationId> ids;
  std::int64_t above = 0, up_to = 0;  // rows with above < seq ≤ up_to that are not archived; empty when they are equal
  EpochMs at;                         // the time of the acknowledgement
};

}  // namespace nx
