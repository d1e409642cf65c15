#include "auth/revocations.hpp"

#include <mutex>

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
  ++round_;
}

std::vector<std::string> Revocations::not_added() const {
  const std::shared_lock lock(mutex_);
  std::vector<std::string> users;
  for (const auto& [user, entry] : entries_) {
    if (entry.round != round_) users.push_back(user);
  }
  return users;
}

/// The walk over all shares the lock with cover(); each of those that go has it for itself for a moment.
void Revocations::end_round() {
  for (const std::string& user : not_added()) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(user);
    if (found == entries_.end() || found->second.round == round_) continue;  // added meanwhile
    entries_.erase(found);
    users_.store(entries_.size(), std::memory_order_release);
  }
}

bool Revocations::cover(const Claims& claims) const {
  if (users_.load(std::memory_order_acquire) == 0) return false;
  const std::shared_lock lock(mutex_);
  const auto found = entries_.find(claims.user.id.value);
  return found != entries_.end() && (!claims.issued_at || *claims.issued_at <= found->second.until);
}

}  // namespace nx::auth
