#include "rest/user_shares.hpp"

namespace nx::rest {

std::shared_ptr<void> UserShares::enter(const UserId& user) {
  {
    const std::lock_guard lock(mutex_);
    std::size_t& taken = taken_[user.value];
    if (taken >= most_) return nullptr;
    ++taken;
  }
  return {this, [self = shared_from_this(), user](void*) { self->leave(user); }};
}

std::size_t UserShares::users() const {
  const std::lock_guard lock(mutex_);
  return taken_.size();
}

void UserShares::leave(const UserId& user) {
  const std::lock_guard lock(mutex_);
  const auto found = taken_.find(user.value);
  if (found != taken_.end() && --found->second == 0) taken_.erase(found);
}

}  // namespace nx::rest
