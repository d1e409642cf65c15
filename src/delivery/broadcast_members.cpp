#include "delivery/broadcast_members.hpp"

#include <algorithm>

namespace nx::delivery {
namespace {

RoomName room_of(const Notification& notification) {
  return notification.scope == RecipientScope::organizer
             ? RoomName{"org:" + notification.organizer_id.value_or("")}
             : RoomName{"merchant:" + notification.merchant_id.value_or("")};
}

}  // namespace

Result<std::span<const UserId>> BroadcastMembers::ahead(const std::optional<std::string>& after, std::size_t limit) {
  if (begin_ == run_.size()) {
    if (auto done = read(after); !done) return error_of(done);
  }
  return std::span<const UserId>(run_).subspan(begin_, std::min(limit, run_.size() - begin_));
}

Result<void> BroadcastMembers::read(const std::optional<std::string>& after) {
  begin_ = 0;
  run_.clear();
  if (broadcast_.notification.scope == RecipientScope::users) {
    const auto& listed = broadcast_.listed;
    const auto first = after ? std::upper_bound(listed.begin(), listed.end(), UserId{*after}) : listed.begin();
    run_.assign(first, listed.end());
    return {};
  }
  const std::size_t length = policies_.members_in_order() ? lengths_.in_order : lengths_.unordered;
  auto users = policies_.members_after(room_of(broadcast_.notification), after, length);
  if (!users) return error_of(users);
  run_ = std::move(*users);
  return {};
}

}  // namespace nx::delivery
