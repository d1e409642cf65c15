#pragma once
// The message about words of a command line that no flag and no command takes.

#include <span>
#include <string>

namespace nx::app {

/// Names the words, each after a space, with the nearest of `commands`. A word may contain a password: of a flag only
/// the name is shown, and no word that may be the value of an unknown flag.
std::string not_understood(std::span<const std::string> words, std::span<const std::string> commands);

}  // namespace nx::app
