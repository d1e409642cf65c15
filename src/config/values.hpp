#pragma once
// Further sources of values beside flags and single variables: files, and the groups of names that IGNIS services set.

#include <map>
#include <string>

#include "model/result.hpp"

namespace nx::config {

using Values = std::map<std::string, std::string>;  // SIGNAL_ name → text

/// The content of the file that X_FILE names for X, without trailing line ends. The error shows no name that may be the
/// secret itself.
Result<std::string> read_secret_file(const std::string& path);

/// The keys of a TOML file; none for an empty path. Refuses unknown keys and values of other types.
Result<Values> values_of_file(const std::string& path);

/// The settings of an IGNIS deployment that consist of several names (docs/configuration.md#names-of-ignis-services):
/// Redis, Kafka's SASL, PostgreSQL.
Values values_of_ignis(const Values& environment);

}  // namespace nx::config
