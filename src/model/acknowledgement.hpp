#pragma once
// What the clients of one user said that they have: notifications by name, or a stretch of the user's own sequence.

#include <cstdint>
#include <vector>

#include "model/ids.hpp"
#include "model/time.hpp"

namespace nx {

/// Of a stretch, so many of the newest rows are marked: as many as one catch-up sends. Bounds what one message costs.
inline constexpr std::int64_t kMaxAcknowledgedRows = 500;
/// Names in one message.
inline constexpr std::size_t kMaxAcknowledgedIds = 100;

struct Acknowledgement {
  UserId user;
  std::vector<NotificationId> ids;
  std::int64_t above = 0, up_to = 0;  // rows with above < seq ≤ up_to that are not archived; none when they are equal
  EpochMs at;                         // when it was said
};

}  // namespace nx
