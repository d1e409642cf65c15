#pragma once
// Completions of shells, made from the parser's own commands. Pure.

#include <optional>
#include <string>
#include <string_view>

#include "app/command_description.hpp"

namespace nx::app {

/// `shell` is bash, zsh or fish; nullopt for another one.
std::optional<std::string> completion_of(std::string_view shell, const CommandDescription& program);

}  // namespace nx::app
