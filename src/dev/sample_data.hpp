#pragma once
// The users of `nx-signal dev`: one organisation, two merchants that inherit from it, six users
// (docs/dev.md#the-people). Constant data.

#include <optional>
#include <string>
#include <vector>

#include "store/sqlite_store.hpp"

namespace nx::dev {

struct SamplePlace {
  std::string id;
  std::string name;
};

struct SampleUser {
  std::string id;
  std::string name;
  std::string role;                   // for humans: Owner, Manager …
  std::optional<std::string> joined;  // the id of a place; nullopt for a user without one
};

struct SampleData {
  SamplePlace organization;
  std::vector<SamplePlace> merchants;
  std::vector<SampleUser> users;

  /// The rows that the identity service would hold for these users, for store::replace_sqlite_policies.
  std::vector<store::PolicyRow> policies() const;

  /// The name of an organisation or merchant; for an unknown id the id itself.
  const std::string& place_name(const std::string& id) const;
};

SampleData sample_data();

}  // namespace nx::dev
