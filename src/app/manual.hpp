#pragma once
// The manual in the language of man(7), made from the parser's own commands and from the table of the settings. Pure.

#include <string>

#include "app/command_description.hpp"

namespace nx::app {

/// nx-signal(1): every command and its flags.
std::string commands_page(const CommandDescription& program);

/// nx-signal.env(5): every setting.
std::string settings_page();

}  // namespace nx::app
