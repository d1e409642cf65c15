#pragma once
// SIGNAL_REDIS_URL (docs/configuration.md#several-servers): `redis://[[user]:password@]host[:port][/db]`, `rediss://…`
// (TLS), and `redis+cluster://[[user]:password@]h1[:p1],h2[:p2]…`, `rediss+cluster://…`. User and password are
// percent-decoded; `user:@` is a user without a password. The default port is 6379. IPv6 addresses must be in brackets.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/result.hpp"

namespace nx::redis {

struct Node {
  std::string host;  // name or address, without brackets
  std::uint16_t port = 6379;
  friend auto operator<=>(const Node&, const Node&) = default;

  std::string text() const;  // host:port, with an IPv6 address in brackets
};

struct RedisUrl {
  std::vector<Node> nodes;     // one node, or the seeds of a cluster
  std::string user, password;  // empty: none
  unsigned database = 0;       // not for a cluster
  bool tls = false;
  bool cluster = false;

  std::string text() const;  // without user and password, for logs
};

/// The error says what is wrong and shows an example; it never contains the password.
Result<RedisUrl> parse_redis_url(std::string_view text);

}  // namespace nx::redis
