#include "resolve/recipient_resolver.hpp"

#include <algorithm>

#include "model/keyed_hash.hpp"
#include "model/recipients.hpp"
#include "store/inbox_owner.hpp"

namespace nx::resolve {
namespace {

void sort_unique(std::vector<UserId>& users) {
  std::sort(users.begin(), users.end());
  users.erase(std::unique(users.begin(), users.end()), users.end());
}

}  // namespace

Result<Recipients> RecipientResolver::resolve(const Activity& activity) {
  auto known = before_exclusion(activity);
  if (!known || known->large) return known;
  Recipients found = std::move(*known);
  const KeyedSet<UserId> excluded(activity.excluded.begin(), activity.excluded.end());
  std::erase_if(found.users, [&excluded](const UserId& user) { return excluded.contains(user); });
  found.large = found.users.size() > limits_.large_scope;
  return found;
}

/// All users in the scope, including excluded ones.
Result<Recipients> RecipientResolver::before_exclusion(const Activity& activity) {
  switch (activity.scope) {
    case RecipientScope::users: {
      Recipients listed{.users = activity.recipient_ids, .large = false};
      sort_unique(listed.users);
      return listed;
    }
    case RecipientScope::organizer:
    case RecipientScope::merchant: {
      const std::string* id = domain_id(activity);
      if (!id) return Recipients{};
      return members_of({activity.scope, *id});
    }
  }
  return Recipients{};
}

Result<Recipients> RecipientResolver::members_of(const Scope& scope) {
  const auto now = clock_();
  if (const auto cached = cache_.find(scope);
      cached != cache_.end() && now - cached->second.read_at < limits_.max_age) {
    return cached->second.members;
  }
  drop_expired(now);
  auto users = read(scope);
  if (!users) return error_of(users);
  Recipients members{.users = {}, .large = users->size() > limits_.large_scope};
  if (!members.large) {
    members.users = std::move(*users);
    left_out_ += std::erase_if(members.users, [](const UserId& user) { return !store::can_have_inbox(user); });
    sort_unique(members.users);
  }
  // A scope for which the cache has no room is read every time: slower, but never wrong.
  const std::size_t cost = members.users.size() + 1;
  if (limits_.max_age.count() > 0 && cached_users_ + cost <= limits_.cached_users) {
    cache_.emplace(scope, Cached{now, members});
    cached_users_ += cost;
  }
  return members;
}

/// Reads one row more than the limit, to find out whether the scope is large.
Result<std::vector<UserId>> RecipientResolver::read(const Scope& scope) {
  const std::size_t limit = limits_.large_scope + 1;
  switch (scope.kind) {
    case RecipientScope::organizer:
      return policies_.users_of_organizer(scope.id, limit);
    case RecipientScope::merchant:
      return policies_.users_of_merchant(scope.id, limit);
    case RecipientScope::users:
      break;  // the message lists the users itself
  }
  return std::vector<UserId>{};
}

void RecipientResolver::drop_expired(std::chrono::steady_clock::time_point now) {
  std::erase_if(cache_, [this, now](const auto& entry) {
    if (now - entry.second.read_at < limits_.max_age) return false;
    cached_users_ -= entry.second.members.users.size() + 1;
    return true;
  });
}

}  // namespace nx::resolve
