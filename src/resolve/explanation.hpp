#pragma once
// Why a user gets a notification, or does not, in one sentence for a human: the dev page and `nx-signal explain`.

#include <string>

#include "model/activity.hpp"
#include "model/result.hpp"
#include "store/policy_definition_repository.hpp"

namespace nx::resolve {

struct Explanation {
  bool receives = false;
  std::string why;  // "joined to merchant m1", "not joined to organizer o1", "excluded by excludeUserIds" …
};

/// Reads the policy rows as they are now, past the resolver's cache: right after a change the two may differ for 5 s.
/// Blocks.
Result<Explanation> explain(store::PolicyDefinitionRepository& policies, const Activity& activity, const UserId& user);

}  // namespace nx::resolve
