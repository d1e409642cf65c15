#pragma once
// The message about words of a command line that no flag and no command takes.

#include <span>
#include <string>

namespace nx::app {

/// The words, each preceded by a space, and followed by the one of `commands` that it resembles, if any. A word may
/// contain a password: so of a flag only the name is shown, and a word that may be the value of an unknown flag is left
/// out.
std::string not_understood(std::span<const std::string> words, std::span<const std::string> commands);

}  // namespace nx::app
