#pragma once
// Checks of the files that settings name.

#include <optional>

#include "config/checks.hpp"

namespace nx::config {

/// The first file that does not exist, cannot be read, or is not a regular file (opening a named pipe would block).
std::optional<Refusal> unreadable_file(const Configuration& configuration);

}  // namespace nx::config
