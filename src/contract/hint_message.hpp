#pragma once
// Hints between instances (docs/protocol.md#hints-between-instances). For few users there is one `ws:user:<id>`
// envelope each, which IGNIS instances accept too; for many users one message on `signal:users`:
//   {"serverId":S,"recorded":ms,"users":["id",seq,unread,…],"hint":{"event":…,"data":…}}
// in exactly this order and without white space. The users come first, so that an instance that has none of them needs
// only one pass over them and one look-up for each.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "model/ids.hpp"
#include "model/result.hpp"
#include "model/time.hpp"

namespace nx::contract {

inline constexpr std::size_t kUsersAMessage = 1'000;

/// `frame` is a complete JSON object, or a `head` of hint_head with the members that follow. It is put after
/// `{"serverId":…,"type":"user","target":…,`.
std::string user_envelope(std::string_view server_id, const UserId& user, std::string_view frame);

/// The same for a hint: `head`, then `seq`, `unread` and `recorded`.
std::string user_hint_envelope(std::string_view server_id, const UserId& user, std::string_view head, std::int64_t seq,
                               std::int64_t unread, EpochMs recorded);

/// Builds a message for `signal:users`: add() for each user, then finish().
class UsersMessage {
 public:
  UsersMessage(std::string_view server_id, EpochMs recorded);
  void add(const UserId& user, std::int64_t seq, std::int64_t unread);
  std::size_t users() const { return users_; }
  std::string finish(std::string_view head);  // must be the last call

 private:
  std::string text_;
  std::size_t users_ = 0;
};

struct UsersHead {
  std::string_view server_id;
  EpochMs recorded;
  std::string_view hint;  // the head of the hint: a JSON object without its closing brace; not validated
};

using UserVisitor = std::function<void(std::string_view user, std::int64_t seq, std::int64_t unread)>;

/// Reads only the id of the sender, so that an instance can skip its own messages.
Result<std::string_view> users_message_sender(std::string_view text);

/// Calls `visit` for each user, then returns the rest of the message. The error (kind invalid) contains no content of
/// the message; `visit` may have been called for some users before.
Result<UsersHead> read_users_message(std::string_view text, const UserVisitor& visit);

}  // namespace nx::contract
