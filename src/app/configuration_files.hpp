#pragma once
// The files that settings name.

#include <optional>

#include "app/configuration_checks.hpp"

namespace nx::app {

/// The first that is not there, can not be read, or is no regular file (a named pipe would be waited for).
std::optional<Refusal> unreadable_file(const Configuration& configuration);

}  // namespace nx::app
