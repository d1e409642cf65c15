#pragma once
// What the keys' own types can not say: the form of addresses, and settings that need or exclude one another. Pure.

#include <optional>
#include <string>

#include "config/configuration.hpp"

namespace nx::config {

struct Refusal {
  std::string variable;
  std::string wrong;  // quotes no secret
  std::string example;
};

/// The first thing that is wrong, in the order of the table; empty when all fits.
std::optional<Refusal> refusal_of(const Configuration& configuration);

/// A setting that is given and empty, where nothing at all or a check that is off would come of it.
std::optional<Refusal> empty_check(const Loaded& loaded);

}  // namespace nx::config
