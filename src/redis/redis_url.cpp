#include "redis/redis_url.hpp"

#include <charconv>
#include <optional>

namespace nx::redis {
namespace {

constexpr std::uint16_t kDefaultPort = 6379;
constexpr std::string_view kExample = ", e.g. redis://:password@redis:6379 or redis+cluster://r1:6379,r2:6379";

/// Says where, and quotes nothing: without an @, or with one too many, any part may be a password.
tl::unexpected<Error> wrong(const std::string& what) {
  return fail(ErrorKind::invalid, what + std::string(kExample));
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// RFC 3986 §2.1.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Result<Node> read_node(std::string_view text) {
  Node node;
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return wrong("a [ has no closing bracket");
    node.host = text.substr(1, end - 1);
    port = text.substr(end + 1);
    if (!port.empty() && port.front() != ':') return wrong("there is text behind the bracket of a host");
    if (!port.empty()) port.remove_prefix(1);
    if (port.empty() && text.ends_with(':')) return wrong("a host has an empty port");
  } else {
    const std::size_t colon = text.find(':');
    node.host = text.substr(0, colon);
    if (colon != std::string_view::npos) {
      port = text.substr(colon + 1);
      if (port.empty()) return wrong("a host has an empty port");
    }
  }
  if (node.host.empty()) return wrong("a host is missing");
  if (port.empty()) {
    node.port = kDefaultPort;
    return node;
  }
  const auto value = number<std::uint16_t>(port);
  if (!value || *value == 0) return wrong("behind the colon of a host stands no port from 1 to 65535");
  node.port = *value;
  return node;
}

Result<void> read_credentials(std::string_view text, RedisUrl& url) {
  const std::size_t colon = text.find(':');
  const auto user = percent_decoded(text.substr(0, colon));
  const auto password =
      colon == std::string_view::npos ? std::optional<std::string>("") : percent_decoded(text.substr(colon + 1));
  if (!user || !password) return wrong("a % in user or password is not followed by two hexadecimal digits");
  if (colon == std::string_view::npos) return wrong("there is a user and no password");
  url.user = *user;
  url.password = *password;
  return {};
}

}  // namespace

std::string Node::text() const {
  const bool brackets = host.find(':') != std::string::npos;
  return (brackets ? '[' + host + ']' : host) + ':' + std::to_string(port);
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
    if (auto read = read_credentials(rest.substr(0, at), url); !read) return tl::unexpected(read.error());
    rest.remove_prefix(at + 1);
  }
  if (rest.find_first_of("?#") != std::string_view::npos) return wrong("there are no options behind ? or #");
  if (const std::size_t slash = rest.find('/'); slash != std::string_view::npos) {
    const std::string_view database = rest.substr(slash + 1);
    rest = rest.substr(0, slash);
    const auto value = database.empty() ? std::optional<unsigned>(0) : number<unsigned>(database);
    if (!value) return wrong("behind the / stands no database number");
    if (url.cluster && *value != 0) return wrong("a cluster has database 0 alone");
    url.database = *value;
  }
  for (std::size_t begin = 0; begin <= rest.size();) {
    const std::size_t comma = std::min(rest.find(',', begin), rest.size());
    auto node = read_node(rest.substr(begin, comma - begin));
    if (!node) return tl::unexpected(node.error());
    url.nodes.push_back(*std::move(node));
    begin = comma + 1;
  }
  if (!url.cluster && url.nodes.size() > 1) return wrong("several hosts need redis+cluster:// or rediss+cluster://");
  return url;
}

}  // namespace nx::redis
