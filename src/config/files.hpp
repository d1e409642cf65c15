#pragma once
// The files that settings name.

#include <optional>

#include "config/checks.hpp"

namespace nx::config {

/// The first that is not there, can not be read, or is no regular file (a named pipe would be waited for).
std::optional<Refusal> unreadable_file(const Configuration& configuration);

}  // namespace nx::config
