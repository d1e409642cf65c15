// signal:users: what is read is what is written again, and nothing outside of the text is looked at.

#include <cstdlib>
#include <string>

#include "contract/hint_message.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nx;
  const std::string text(reinterpret_cast<const char*>(data), size);
  struct User {
    std::string id;
    std::int64_t seq, unread;
  };
  std::vector<User> users;
  const auto head =
      contract::read_users_message(text, [&users](std::string_view id, std::int64_t seq, std::int64_t unread) {
        users.push_back({std::string(id), seq, unread});
      });
  if (!head) return 0;
  // Ids are only looked up, so bytes that no JSON text has are not refused; written again they would be.
  for (const char c : text) {
    if (c < ' ' || c > '~') return 0;
  }
  contract::UsersMessage again(head->server_id, head->recorded);
  for (const User& user : users) again.add({user.id}, user.seq, user.unread);
  const std::string written = again.finish(head->hint);
  std::size_t count = 0;
  const auto second =
      contract::read_users_message(written, [&](std::string_view id, std::int64_t seq, std::int64_t unread) {
        const User& user = users.at(count++);
        if (id != user.id || seq != user.seq || unread != user.unread) std::abort();
      });
  if (!second || count != users.size() || second->hint != head->hint || second->server_id != head->server_id)
    std::abort();
  return 0;
}
