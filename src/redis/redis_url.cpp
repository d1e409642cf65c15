#include "redis/redis_url.hpp"

#include <optional>

#include "model/host_port.hpp"
#include "model/list.hpp"
#include "model/number.hpp"
#include "model/percent.hpp"

namespace nx::redis {
namespace {

constexpr std::uint16_t kDefaultPort = 6379;
constexpr std::string_view kExample = ", e.g. redis://:password@redis:6379 or redis+cluster://r1:6379,r2:6379";

/// Names the place but quotes nothing: without an @, or with one too many, any part may be a password.
tl::unexpected<Error> wrong(const std::string& what) {
  return fail(ErrorKind::invalid, what + std::string(kExample));
}

Result<Node> read_node(std::string_view text) {
  const auto parts = split_host_port(text);
  if (!parts && text.find(']') == std::string_view::npos) return wrong("a [ has no closing bracket");
  if (!parts) return wrong("there is text after the bracket of a host");
  if (parts->port && parts->port->empty()) return wrong("a host has an empty port");
  if (parts->host.empty()) return wrong("a host is missing");
  Node node{.host = std::string(parts->host), .port = kDefaultPort};
  if (!parts->port) return node;
  const auto port = parse_port(*parts->port);
  if (!port) return wrong("after the colon of a host there must be a port from 1 to 65535");
  node.port = *port;
  return node;
}

Result<void> read_credentials(std::string_view text, RedisUrl& url) {
  const std::size_t colon = text.find(':');
  const auto user = percent_decode(text.substr(0, colon), PlusSign::literal);
  const auto password = colon == std::string_view::npos ? std::optional<std::string>("")
                                                        : percent_decode(text.substr(colon + 1), PlusSign::literal);
  if (!user || !password) return wrong("a % in user or password is not followed by two hexadecimal digits");
  if (colon == std::string_view::npos) return wrong("there is a user without a password");
  url.user = *user;
  url.password = *password;
  return {};
}

}  // namespace

std::string Node::text() const {
  return host_port_text(host, port);
}

std::string RedisUrl::text() const {
  std::string out = std::string(tls ? "rediss" : "redis") + (cluster ? "+cluster://" : "://");
  for (const Node& node : nodes) out += (&node == nodes.data() ? "" : ",") + node.text();
  if (database != 0) out += '/' + std::to_string(database);
  return out;
}

Result<RedisUrl> parse_redis_url(std::string_view text) {
  RedisUrl url;
  const std::size_t scheme_end = text.find("://");
  const std::string_view scheme = text.substr(0, scheme_end == std::string_view::npos ? 0 : scheme_end);
  url.tls = scheme.starts_with("rediss");
  url.cluster = scheme.ends_with("+cluster");
  if (scheme != "redis" && scheme != "rediss" && scheme != "redis+cluster" && scheme != "rediss+cluster") {
    return wrong("does not begin with one of redis://, rediss://, redis+cluster://, rediss+cluster://");
  }
  std::string_view rest = text.substr(scheme_end + 3);
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    if (auto read = read_credentials(rest.substr(0, at), url); !read) return error_of(read);
    rest.remove_prefix(at + 1);
  }
  if (rest.find_first_of("?#") != std::string_view::npos) return wrong("options after ? or # are not supported");
  if (const std::size_t slash = rest.find('/'); slash != std::string_view::npos) {
    const std::string_view database = rest.substr(slash + 1);
    rest = rest.substr(0, slash);
    const auto value = database.empty() ? std::optional<unsigned>(0) : whole_number<unsigned>(database);
    if (!value) return wrong("after the / there must be a database number");
    if (url.cluster && *value != 0) return wrong("a cluster has only database 0");
    url.database = *value;
  }
  for (const std::string_view one : split_list(rest)) {
    auto node = read_node(one);
    if (!node) return error_of(node);
    url.nodes.push_back(*std::move(node));
  }
  if (!url.cluster && url.nodes.size() > 1) return wrong("several hosts need redis+cluster:// or rediss+cluster://");
  return url;
}

}  // namespace nx::redis
