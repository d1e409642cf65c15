#pragma once
// Columns that hold a JSON array of user ids: `excluded`, and on SQLite the listed users of a broadcast.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/ids.hpp"

namespace nx::store {

/// nullopt for an empty list.
std::optional<std::string> users_json(std::span<const UserId> users);

/// Anything but such an array gives an empty list.
std::vector<UserId> users_from_json(std::string_view json);

}  // namespace nx::store
