#pragma once
// The dialogue that opens a connection: `HELLO 3 [AUTH user password] SETNAME name`, then `SELECT db` when one is
// configured. When a server refuses HELLO for any reason (Redis before 6, an ACL without HELLO, a proxy), AUTH is sent
// instead and the connection stays with RESP2. No I/O: the owner sends the output of take_output() and passes each
// reply to on_reply().

#include <optional>
#include <string>

#include "redis/redis_url.hpp"
#include "redis/resp_reader.hpp"

namespace nx::redis {

class Greeting {
 public:
  /// `name` is shown by CLIENT LIST: printable ASCII without spaces.
  Greeting(const RedisUrl& url, std::string name);

  /// Returns bytes to send now; empty while a reply is awaited or when the dialogue is done.
  std::string take_output();

  /// Returns true when the connection can be used, false when the dialogue continues. The error (kind unavailable:
  /// worth a retry later; invalid: a setting is wrong) contains the server's message, its meaning, and the setting to
  /// change.
  Result<bool> on_reply(const RespValue& reply);

 private:
  enum class Step { hello, auth, select, done };
  void ask(Step step);
  Result<bool> refused(std::string_view error);

  bool has_credentials() const { return !user_.empty() || !password_.empty(); }

  std::string user_, password_, name_;
  unsigned database_;
  Step step_ = Step::hello;
  std::string output_;
};

/// The meaning of an error reply for the connection, whatever the command.
enum class Refusal {
  // LOADING, MASTERDOWN, CLUSTERDOWN, TRYAGAIN, BUSY, MOVED, ASK, READONLY, MISCONF: this node cannot do it now;
  // another node can, or this one later
  retry,
  no_password,  // NOAUTH
  credentials,  // WRONGPASS, "invalid password"
  permission,   // NOPERM: the message names what the ACL lacks
  other
};
Refusal classify(std::string_view error);

/// A text for operators: the server's message, its meaning, and the setting or ACL rule to change. `doing` is e.g.
/// "PUBLISH".
std::string explain(std::string_view error, std::string_view doing);

}  // namespace nx::redis
