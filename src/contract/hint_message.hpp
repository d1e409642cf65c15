#pragma once
// Hints between instances (docs/protocol.md#hints-between-instances). For few users one `ws:user:<id>` envelope each,
// which IGNIS instances take as well; for many, one message on `signal:users`:
//   {"serverId":S,"recorded":ms,"users":["id",seq,unread,…],"hint":{"event":…,"data":…}}
// in exactly this order and without white space. Users come first, so that an instance that has none of them is done
// after one pass over them and one look-up each.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "model/ids.hpp"
#include "model/result.hpp"
#include "model/time.hpp"

namespace nx::contract {

inline constexpr std::size_t kUsersAMessage = 1'000;

/// `frame` is a complete JSON object, or `head` as hint_head makes it with the members that follow: what stands behind
/// `{"serverId":…,"type":"user","target":…,`.
std::string user_envelope(std::string_view server_id, const UserId& user, std::string_view frame);

/// The same for a hint: `head`, then `seq`, `unread` and `recorded`.
std::string user_hint_envelope(std::string_view server_id, const UserId& user, std::string_view head, std::int64_t seq,
                               std::int64_t unread, EpochMs recorded);

/// Builds a message for `signal:users`: users one by one, then finish().
class UsersMessage {
 public:
  UsersMessage(std::string_view server_id, EpochMs recorded);
  void add(const UserId& user, std::int64_t seq, std::int64_t unread);
  std::size_t users() const { return users_; }
  std::string finish(std::string_view head);  // leaves this empty: make a new one

 private:
  std::string text_;
  std::size_t users_ = 0;
};

struct UsersHead {
  std::string_view server_id;
  EpochMs recorded;
  std::string_view hint;  // the hint's head: a JSON object without its closing brace; not validated
};

using UserVisitor = std::function<void(std::string_view user, std::int64_t seq, std::int64_t unread)>;

/// Reads the server's id alone: to skip our own.
Result<std::string_view> users_message_sender(std::string_view text);

/// Walks over the users, then says what is for them. The error (kind invalid) never has content; users before it have
/// been visited.
Result<UsersHead> read_users_message(std::string_view text, const UserVisitor& visit);

}  // namespace nx::contract
