#pragma once
// Why a user belongs to an organizer or a merchant, or no longer, or never: out of the policy rows, the deleted ones
// too. Pure.

#include <optional>
#include <string>
#include <vector>

#include "store/policy_definition_repository.hpp"

namespace nx::resolve {

struct PolicyTrace {
  enum class Outcome {
    member,  // now
    ended,   // some rows would make the user a member, were none of them deleted
    none
  };

  Outcome outcome = Outcome::none;
  bool inherited = false;               // through a domain that the merchant inherits from, not itself
  std::string why;                      // "joined to organizer o1, which merchant m1 inherits from"
  std::optional<EpochMs> ended_at;      // of ended: when the first of the rows was deleted
  std::vector<store::PolicyEdge> rows;  // those that decide, the domain's own end first
};

/// The rows that hold win over deleted ones, then the shorter way, then what held longest.
PolicyTrace trace_membership(const store::PolicyEvidence& evidence, const store::Domain& meant);

/// "joined to merchant m1", or "joined to organizer o1, which merchant m1 inherits from" where they differ.
std::string joined_through(const store::Domain& domain, const store::Domain& meant);

/// "not joined to organizer o1"
std::string not_joined(const store::Domain& meant);

}  // namespace nx::resolve
