#pragma once
// Policy rows in memory, counting how often they are read.

#include <map>
#include <set>

#include "store/policy_definition_repository.hpp"

namespace nx::resolve {

class FakePolicies final : public store::PolicyDefinitionRepository {
 public:
  std::map<std::string, std::vector<UserId>> organizers;
  std::map<std::string, std::vector<UserId>> merchants;
  int reads = 0;
  bool away = false;

  Result<std::vector<UserId>> users_of_organizer(const std::string& id) override { return read(organizers, id); }
  Result<std::vector<UserId>> users_of_merchant(const std::string& id) override { return read(merchants, id); }

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

  Result<std::optional<store::Domain>> joined_through(const UserId&, const RoomName&) override { return std::nullopt; }
  Result<store::PolicyEvidence> evidence(const UserId&, const RoomName&) override { return store::PolicyEvidence{}; }

 private:
  Result<std::vector<UserId>> read(const std::map<std::string, std::vector<UserId>>& rows, const std::string& id) {
    ++reads;
    if (away) return fail(ErrorKind::unavailable, "away");
    const auto found = rows.find(id);
    return found == rows.end() ? std::vector<UserId>{} : found->second;
  }
};

}  // namespace nx::resolve
