#pragma once
// SIGNAL_REDIS_URL (docs/configuration.md#several-servers): `redis://[[user]:password@]host[:port][/db]`, `rediss://…`
// (TLS), and `redis+cluster://[[user]:password@]h1[:p1],h2[:p2]…`, `rediss+cluster://…`. User and password are
// percent-decoded; `user:@` is a user without a password. The port's default is 6379. IPv6 addresses stand in brackets.

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

  std::string text() const;  // host:port, an IPv6 address in brackets
};

struct RedisUrl {
  std::vector<Node> nodes;     // one, or a cluster's seeds
  std::string user, password;  // empty: none
  unsigned database = 0;       // single only
  bool tls = false;
  bool cluster = false;

  std::string text() const;  // without user and password: for logs
};

/// The error says what is wrong and shows an example, never the password.
Result<RedisUrl> parse_redis_url(std::string_view text);

}  // namespace nx::redis
