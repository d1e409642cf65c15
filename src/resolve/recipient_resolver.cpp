#include "resolve/recipient_resolver.hpp"

#include <algorithm>

#include "model/keyed_hash.hpp"

namespace nx::resolve {
namespace {

void sort_unique(std::vector<UserId>& users) {
  std::sort(users.begin(), users.end());
  users.erase(std::unique(users.begin(), users.end()), users.end());
}

/// What a token's `userId` may be (contract §6). The policy rows are another service's: an inbox for such an id could
/// never be read, and the row that can not be stored would take the whole message with it.
bool can_have_inbox(const UserId& user) {
  return !user.value.empty() && user.value.size() <= kMaxIdBytes && user.value.find('\0') == std::string::npos;
}

}  // namespace

Result<std::vector<UserId>> RecipientResolver::resolve(const Activity& activity) {
  std::vector<UserId> users;
  if (activity.scope == RecipientScope::users) {
    users = activity.recipient_ids;
    sort_unique(users);
  } else {
    const auto& id = activity.scope == RecipientScope::organizer ? activity.organizer_id : activity.merchant_id;
    if (!id) return users;  // the decoder demands it; without one nobody is meant
    auto found = users_of({activity.scope, *id});
    if (!found) return found;
    users = std::move(*found);
  }
  const KeyedSet<UserId> excluded(activity.excluded.begin(), activity.excluded.end());
  std::erase_if(users, [&excluded](const UserId& user) { return excluded.contains(user); });
  return users;
}

Result<std::vector<UserId>> RecipientResolver::users_of(const Scope& scope) {
  const auto now = clock_();
  if (const auto cached = cache_.find(scope);
      cached != cache_.end() && now - cached->second.read_at < limits_.max_age) {
    return cached->second.users;
  }
  drop_expired(now);
  auto users = read(scope);
  if (!users) return users;
  left_out_ += std::erase_if(*users, [](const UserId& user) { return !can_have_inbox(user); });
  sort_unique(*users);
  // A scope that finds no room is read every time: slower, never wrong.
  const std::size_t cost = users->size() + 1;
  if (limits_.max_age.count() > 0 && cached_users_ + cost <= limits_.cached_users) {
    cache_.emplace(scope, Cached{now, *users});
    cached_users_ += cost;
  }
  return users;
}

Result<std::vector<UserId>> RecipientResolver::read(const Scope& scope) {
  return scope.kind == RecipientScope::organizer ? policies_.users_of_organizer(scope.id)
                                                 : policies_.users_of_merchant(scope.id);
}

void RecipientResolver::drop_expired(std::chrono::steady_clock::time_point now) {
  std::erase_if(cache_, [this, now](const auto& entry) {
    if (now - entry.second.read_at < limits_.max_age) return false;
    cached_users_ -= entry.second.users.size() + 1;
    return true;
  });
}

}  // namespace nx::resolve
