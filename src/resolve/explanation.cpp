#include "resolve/explanation.hpp"

#include <algorithm>
#include <vector>

#include "model/recipients.hpp"
#include "resolve/policy_trace.hpp"
#include "store/policy_domain.hpp"

namespace nx::resolve {
namespace {

bool among(const std::vector<UserId>& users, const UserId& user) {
  return std::find(users.begin(), users.end(), user) != users.end();
}

Explanation explain_list(const Activity& activity, const UserId& user) {
  if (among(activity.recipient_ids, user)) return {true, "named in recipientIds"};
  return {false, "not named in recipientIds"};
}

Result<Explanation> explain_members(store::PolicyDefinitionRepository& policies, const Activity& activity,
                                    const UserId& user) {
  const auto room = room_of(activity);
  const auto meant = room ? store::domain_of(*room) : std::nullopt;
  if (!meant) return Explanation{false, std::string("the message names no ") + to_text(activity.scope)};
  const auto domain = policies.joined_through(user, *room);
  if (!domain) return error_of(domain);
  if (!*domain) return Explanation{false, not_joined(*meant)};
  return Explanation{true, joined_through(**domain, *meant)};
}

}  // namespace

Result<Explanation> explain(store::PolicyDefinitionRepository& policies, const Activity& activity, const UserId& user) {
  if (among(activity.excluded, user)) return Explanation{false, "excluded by excludeUserIds"};
  switch (activity.scope) {
    case RecipientScope::users:
      return explain_list(activity, user);
    case RecipientScope::organizer:
    case RecipientScope::merchant:
      return explain_members(policies, activity, user);
  }
  return Explanation{};
}

}  // namespace nx::resolve
