#include "auth/revocations.hpp"

#include <mutex>
#include <utility>

namespace nx::auth {

Revocations::Added Revocations::add(const UserId& user, EpochMs until) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(user.value);
  if (found != entries_.end()) {
    found->second.round = round_;
    if (found->second.until >= until) return Added::known;
    found->second.until = until;
    return Added::news;
  }
  if (entries_.size() >= kMaxUsers) return Added::full;
  entries_.emplace(user.value, Entry{until, round_});
  users_.store(entries_.size(), std::memory_order_release);
  return Added::news;
}

void Revocations::begin_round() {
  const std::lock_guard lock(mutex_);
  if (!std::exchange(round_is_open_, true)) ++round_;
}

std::vector<std::string> Revocations::not_added() const {
  const std::shared_lock lock(mutex_);
  std::vector<std::string> users;
  for (const auto& [user, entry] : entries_) {
    if (is_forgotten(entry)) users.push_back(user);
  }
  return users;
}

/// The search of all entries shares the lock with cover(); each erasure takes the exclusive lock only for itself.
void Revocations::end_round() {
  for (const std::string& user : not_added()) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(user);
    if (found == entries_.end() || !is_forgotten(found->second)) continue;  // added again meanwhile
    entries_.erase(found);
    users_.store(entries_.size(), std::memory_order_release);
  }
  const std::lock_guard lock(mutex_);
  round_is_open_ = false;
}

bool Revocations::cover(const Claims& claims) const {
  if (users_.load(std::memory_order_acquire) == 0) return false;
  const std::shared_lock lock(mutex_);
  const auto found = entries_.find(claims.user.id.value);
  return found != entries_.end() && (!claims.issued_at || *claims.issued_at <= found->second.until);
}

}  // namespace nx::auth
