#include "delivery/broadcast_members.hpp"

#include <algorithm>

#include "model/recipients.hpp"

namespace nx::delivery {

Result<std::span<const UserId>> BroadcastMembers::ahead(const std::optional<std::string>& after, std::size_t limit) {
  if (begin_ == run_.size()) {
    if (auto done = read(after); !done) return error_of(done);
  }
  return std::span<const UserId>(run_).subspan(begin_, std::min(limit, run_.size() - begin_));
}

bool BroadcastMembers::in_order() const {
  switch (broadcast_.notification.scope) {
    case RecipientScope::users:
      return true;
    case RecipientScope::organizer:
    case RecipientScope::merchant:
      return policies_.members_in_order();
  }
  return false;
}

Result<void> BroadcastMembers::read(const std::optional<std::string>& after) {
  begin_ = 0;
  run_.clear();
  switch (broadcast_.notification.scope) {
    case RecipientScope::users:
      read_listed(after);
      return {};
    case RecipientScope::organizer:
    case RecipientScope::merchant:
      return read_members(after);
  }
  return {};
}

void BroadcastMembers::read_listed(const std::optional<std::string>& after) {
  const auto& listed = broadcast_.listed;
  const auto first = after ? std::upper_bound(listed.begin(), listed.end(), UserId{*after}) : listed.begin();
  run_.assign(first, listed.end());
}

Result<void> BroadcastMembers::read_members(const std::optional<std::string>& after) {
  const std::size_t length = in_order() ? lengths_.in_order : lengths_.unordered;
  const auto room = room_of(broadcast_.notification);
  if (!room) return {};
  auto users = policies_.members_after(*room, after, length);
  if (!users) return error_of(users);
  run_ = std::move(*users);
  return {};
}

}  // namespace nx::delivery
