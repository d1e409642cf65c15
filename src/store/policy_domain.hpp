#pragma once
// How rooms are named in the policy table; the same in both implementations.

#include <optional>
#include <string_view>

#include "store/policy_definition_repository.hpp"

namespace nx::store {

constexpr int kMaxInheritance = 32;  // depth of domain_inherits; a deeper chain is a mistake of whoever wrote it

constexpr int kMaxEvidence = 1'000;  // rows of one kind for one explanation

constexpr std::string_view kOrganizer = "Organizer";
constexpr std::string_view kMerchant = "Merchant";

/// `org:<id>` and `merchant:<id>`; none for other rooms.
inline std::optional<Domain> domain_of(const RoomName& room) {
  for (const auto& [prefix, type] :
       {std::pair{std::string_view{"org:"}, kOrganizer}, std::pair{std::string_view{"merchant:"}, kMerchant}}) {
    if (room.value.starts_with(prefix)) return Domain{std::string{type}, room.value.substr(prefix.size())};
  }
  return std::nullopt;
}

}  // namespace nx::store
