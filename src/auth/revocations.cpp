#include "auth/revocations.hpp"

#include <mutex>

namespace nx::auth {

Revocations::Added Revocations::add(const UserId& user, EpochMs until) {
  const std::lock_guard lock(mutex_);
  const auto found = until_.find(user.value);
  if (found != until_.end()) {
    if (found->second >= until) return Added::known;
    found->second = until;
    return Added::news;
  }
  if (until_.size() >= kMaxUsers) return Added::full;
  until_.emplace(user.value, until);
  users_.store(until_.size(), std::memory_order_release);
  return Added::news;
}

bool Revocations::cover(const Claims& claims) const {
  if (users_.load(std::memory_order_acquire) == 0) return false;
  const std::shared_lock lock(mutex_);
  const auto found = until_.find(claims.user.id.value);
  return found != until_.end() && (!claims.issued_at || *claims.issued_at <= found->second);
}

}  // namespace nx::auth
