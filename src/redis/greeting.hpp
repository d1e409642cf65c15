#pragma once
// How a connection begins: `HELLO 3 [AUTH user password] SETNAME name`, then `SELECT db` when one is named. A server
// that refuses HELLO in whatever words (before 6, an ACL without it, a proxy) is asked again with AUTH and stays with
// RESP2. No I/O: the owner sends
// what next_command() gives and hands over each reply.

#include <optional>
#include <string>

#include "redis/redis_url.hpp"
#include "redis/resp_reader.hpp"

namespace nx::redis {

class Greeting {
 public:
  /// `name` is what CLIENT LIST shows: printable ASCII without spaces.
  Greeting(const RedisUrl& url, std::string name);

  /// Bytes to send now; empty when a reply is awaited or all is said.
  std::string take_output();

  /// True: done, the connection can be used. False: go on. The error (kind unavailable: worth a retry later; invalid: a
  /// setting is wrong) names the server's words, what they mean, and the setting.
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

/// What an error reply to any command means for the link.
enum class Refusal {
  retry,  // LOADING, MASTERDOWN, CLUSTERDOWN, TRYAGAIN, BUSY, MOVED, ASK, READONLY, MISCONF: this node can not now,
          // another or a later one can
  no_password,  // NOAUTH
  credentials,  // WRONGPASS, "invalid password"
  permission,   // NOPERM: names what the ACL lacks
  other
};
Refusal classify(std::string_view error);

/// For operators: the server's words, what they mean, and the setting or ACL line to change. `doing` is e.g. "PUBLISH".
std::string explain(std::string_view error, std::string_view doing);

}  // namespace nx::redis
