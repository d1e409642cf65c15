#pragma once
// The domain of the policy table that belongs to a room; shared by both implementations.

#include <optional>
#include <string_view>

#include "model/room_name.hpp"
#include "store/policy_definition_repository.hpp"

namespace nx::store {

constexpr int kMaxInheritance = 32;  // depth of domain_inherits; a deeper chain is a mistake in the data

constexpr int kMaxEvidence = 1'000;  // rows of one kind for one explanation

constexpr std::string_view kOrganizer = "Organizer";
constexpr std::string_view kMerchant = "Merchant";

/// The domain whose members are the room's members; nullopt for a room without members.
inline std::optional<Domain> domain_of(const RoomName& room) {
  const auto parsed = parse_member_room(room.value);
  if (!parsed) return std::nullopt;
  switch (parsed->kind) {
    case MemberRoomKind::organizer:
      return Domain{std::string{kOrganizer}, std::string{parsed->id}};
    case MemberRoomKind::merchant:
      return Domain{std::string{kMerchant}, std::string{parsed->id}};
  }
  return std::nullopt;
}

}  // namespace nx::store
