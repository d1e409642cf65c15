#pragma once
// The rooms that a user may join: `org:<id>` and `merchant:<id>` if the policy rows make the user a member
// (docs/protocol.md#rooms).

#include <span>
#include <vector>

#include "model/ids.hpp"
#include "model/result.hpp"
#include "store/policy_definition_repository.hpp"

namespace nx::resolve {

struct RoomsAsked {
  UserId user;
  std::vector<RoomName> rooms;
};

/// For each question the rooms that the user may join, in the order asked; one database read answers all questions.
/// Rooms with other names are never among them. Blocks.
Result<std::vector<std::vector<RoomName>>> allowed_rooms(store::PolicyDefinitionRepository& policies,
                                                         std::span<const RoomsAsked> asked);

}  // namespace nx::resolve
