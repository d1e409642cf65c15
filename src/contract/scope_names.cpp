#include "contract/scope_names.hpp"

namespace nx::contract {

std::optional<RecipientScope> scope_named(std::string name) {
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (name == "organizer" || name == "organization") return RecipientScope::organizer;
  if (name == "user") return RecipientScope::users;
  return recipient_scope(name);
}

std::string all_scopes() {
  std::string list;
  for (std::optional scope = RecipientScope::organizer; scope; scope = next_scope(*scope)) {
    list.append(list.empty() ? "" : ", ").append(to_text(*scope));
  }
  return list;
}

}  // namespace nx::contract
