#pragma once
// Columns that are a JSON array of user ids: `excluded`, and on SQLite whom a broadcast lists.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/ids.hpp"

namespace nx::store {

/// None for nobody.
std::optional<std::string> excluded_json(std::span<const UserId> users);

/// What is no such array is nobody.
std::vector<UserId> excluded_users(std::string_view json);

}  // namespace nx::store
