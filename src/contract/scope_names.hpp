#pragma once
// The names of scopes in messages of producers (docs/notifications.md#the-message). Pure.

#include <optional>
#include <string>

#include "model/activity.hpp"

namespace nx::contract {

/// The scope with that name or synonym, in any letter case.
std::optional<RecipientScope> scope_named(std::string name);

/// All scopes, without synonyms: `org, merchant, users`.
std::string all_scopes();

}  // namespace nx::contract
