#pragma once
// Explains from the policy rows, including deleted ones, why a user belongs to an organizer or a merchant, no longer
// belongs to it, or never did. Pure.

#include <optional>
#include <string>
#include <vector>

#include "store/policy_definition_repository.hpp"

namespace nx::resolve {

struct PolicyTrace {
  enum class Outcome {
    member,  // now
    ended,   // some rows would make the user a member if they were not deleted
    none
  };

  Outcome outcome = Outcome::none;
  bool inherited = false;           // through a domain that the merchant inherits from, not through the merchant itself
  std::string why;                  // "joined to organizer o1, which merchant m1 inherits from"
  std::optional<EpochMs> ended_at;  // for ended: the time at which the first of the rows was deleted
  std::vector<store::PolicyEdge> rows;  // the rows that decide, beginning at the domain
};

/// Rows that hold take precedence over deleted ones, then the path that held longest, then the shorter path.
PolicyTrace trace_membership(const store::PolicyEvidence& evidence, const store::Domain& meant);

/// "joined to merchant m1", or "joined to organizer o1, which merchant m1 inherits from" if the domains differ.
std::string joined_through(const store::Domain& domain, const store::Domain& meant);

/// "not joined to organizer o1"
std::string not_joined(const store::Domain& meant);

}  // namespace nx::resolve
