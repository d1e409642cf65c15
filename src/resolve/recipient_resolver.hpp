#pragma once
// recipientScope → user ids (contract §6): users = recipientIds; org, merchant = the policy table. The excluded are left out, each id once.

#include <vector>

#include "model/activity.hpp"
#include "model/result.hpp"
#include "store/policy_definition_repository.hpp"

namespace nx::resolve {

class RecipientResolver {
 public:
  explicit RecipientResolver(store::PolicyDefinitionRepository& policies) : policies_(policies) {}

  /// Distinct recipients, sorted; empty when the scope resolves to nobody. Reads of one scope are cached for at most 5 s (contract §8).
  Result<std::vector<UserId>> resolve(const Activity& activity);

 private:
  store::PolicyDefinitionRepository& policies_;
};

}  // namespace nx::resolve
