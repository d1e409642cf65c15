#include "resolve/explanation.hpp"

#include <algorithm>
#include <vector>

namespace nx::resolve {
namespace {

bool among(const std::vector<UserId>& users, const UserId& user) {
  return std::find(users.begin(), users.end(), user) != users.end();
}

Explanation explain_list(const Activity& activity, const UserId& user) {
  if (among(activity.recipient_ids, user)) return {true, "named in recipientIds"};
  return {false, "not named in recipientIds"};
}

/// `Organizer` o1 → "organizer o1".
std::string name_of(const store::Domain& domain) {
  if (domain.type == "Organizer") return "organizer " + domain.id;
  if (domain.type == "Merchant") return "merchant " + domain.id;
  return domain.type + " " + domain.id;
}

Result<Explanation> explain_domain(store::PolicyDefinitionRepository& policies, const store::Domain& meant,
                                   const RoomName& room, const UserId& user) {
  const auto domain = policies.joined_through(user, room);
  if (!domain) return tl::unexpected<Error>(domain.error());
  if (!*domain) {
    const std::string parents = meant.type == "Merchant" ? " or to anything it inherits from" : "";
    return Explanation{false, "not joined to " + name_of(meant) + parents};
  }
  if (**domain == meant) return Explanation{true, "joined to " + name_of(meant)};
  return Explanation{true, "joined to " + name_of(**domain) + ", which " + name_of(meant) + " inherits from"};
}

}  // namespace

Result<Explanation> explain(store::PolicyDefinitionRepository& policies, const Activity& activity, const UserId& user) {
  if (among(activity.excluded, user)) return Explanation{false, "excluded by excludeUserIds"};
  switch (activity.scope) {
    case RecipientScope::users:
      return explain_list(activity, user);
    case RecipientScope::organizer: {
      const std::string id = activity.organizer_id.value_or("");
      return explain_domain(policies, {"Organizer", id}, {"org:" + id}, user);
    }
    case RecipientScope::merchant: {
      const std::string id = activity.merchant_id.value_or("");
      return explain_domain(policies, {"Merchant", id}, {"merchant:" + id}, user);
    }
  }
  return Explanation{};
}

}  // namespace nx::resolve
