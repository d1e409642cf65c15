#pragma once
// Explains in one sentence for a human why a user gets a notification or does not: for the dev page and `nx-signal
// explain`.

#include <string>

#include "model/activity.hpp"
#include "model/result.hpp"
#include "store/policy_definition_repository.hpp"

namespace nx::resolve {

struct Explanation {
  bool receives = false;
  std::string why;  // "joined to merchant m1", "not joined to organizer o1", "excluded by excludeUserIds" …
};

/// Reads the current policy rows and bypasses the resolver's cache: after a change the two may differ for up to 5 s.
/// Blocks.
Result<Explanation> explain(store::PolicyDefinitionRepository& policies, const Activity& activity, const UserId& user);

}  // namespace nx::resolve
