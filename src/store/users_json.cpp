#include "store/users_json.hpp"

#include "json/document.hpp"
#include "json/value.hpp"

namespace nx::store {

std::optional<std::string> users_json(std::span<const UserId> users) {
  if (users.empty()) return std::nullopt;
  std::string out = "[";
  for (const UserId& user : users) {
    if (out.size() > 1) out += ',';
    json::append_string(out, user.value);
  }
  return out += ']';
}

std::vector<UserId> users_from_json(std::string_view json) {
  std::vector<UserId> users;
  const auto document = json::Document::read(json, {});
  if (!document) return users;
  for (const json::View item : document->root().items()) {
    if (item.is_string()) users.push_back({item.text()});
  }
  return users;
}

}  // namespace nx::store
