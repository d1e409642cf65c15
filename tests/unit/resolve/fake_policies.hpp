#pragma once
// Policy rows in memory, counting how often they are read.

#include <algorithm>
#include <map>
#include <set>

#include "fakes/empty_repositories.hpp"

namespace nx::resolve {

class FakePolicies final : public nx::fakes::EmptyPolicies {
 public:
  std::map<std::string, std::vector<UserId>> organizers;
  std::map<std::string, std::vector<UserId>> merchants;
  int reads = 0;
  std::size_t most_rows = 0;  // of one read
  bool away = false;

  Result<std::vector<UserId>> users_of_organizer(const std::string& id, std::size_t limit) override {
    return read(organizers, id, limit);
  }
  Result<std::vector<UserId>> users_of_merchant(const std::string& id, std::size_t limit) override {
    return read(merchants, id, limit);
  }
  Result<std::vector<store::Membership>> members_among(std::span<const store::Membership> asked) override {
    ++reads;
    if (away) return fail(ErrorKind::unavailable, "away");
    std::vector<store::Membership> held;
    for (const store::Membership& pair : asked) {
      const auto users = organizers.find(pair.room.value.substr(pair.room.value.find(':') + 1));
      if (users == organizers.end()) continue;
      if (std::find(users->second.begin(), users->second.end(), pair.user) != users->second.end()) held.push_back(pair);
    }
    return held;
  }

 private:
  Result<std::vector<UserId>> read(const std::map<std::string, std::vector<UserId>>& rows, const std::string& id,
                                   std::size_t limit) {
    ++reads;
    if (away) return fail(ErrorKind::unavailable, "away");
    const auto found = rows.find(id);
    if (found == rows.end()) return std::vector<UserId>{};
    const auto end = found->second.begin() + static_cast<std::ptrdiff_t>(std::min(limit, found->second.size()));
    most_rows = std::max(most_rows, std::min(limit, found->second.size()));
    return std::vector<UserId>(found->second.begin(), end);
  }
};

}  // namespace nx::resolve
