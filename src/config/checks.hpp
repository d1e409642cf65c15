#pragma once
// Checks beyond the types of the keys: the form of addresses, and settings that require or exclude one another. Pure.

#include <optional>
#include <string>

#include "config/configuration.hpp"

namespace nx::config {

struct Refusal {
  std::string variable;
  std::string wrong;  // contains no secret
  std::string example;
};

/// The first error, in the order of the table; nullopt if everything is valid.
std::optional<Refusal> refusal_of(const Configuration& configuration);

/// A setting that is given but empty, if an empty value would disable a function or a check.
std::optional<Refusal> empty_check(const Loaded& loaded);

}  // namespace nx::config
