#pragma once
// Which rooms of a question a user may be in: `org:<id>` and `merchant:<id>` where the policy rows make them a member
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

/// For each question the rooms that hold, in the order asked; one read for all of them. Rooms of other names never
/// hold. Blocks.
Result<std::vector<std::vector<RoomName>>> allowed_rooms(store::PolicyDefinitionRepository& policies,
                                                         std::span<const RoomsAsked> asked);

}  // namespace nx::resolve
