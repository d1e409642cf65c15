#include "config/web_origin.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "config/host_names.hpp"
#include "config/url_redaction.hpp"

namespace nx::config {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

bool is_scheme(std::string_view text) {
  return !text.empty() && text.front() >= 'a' && text.front() <= 'z' &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+-.") == std::string_view::npos;
}

tl::unexpected<Error> wrong(std::string_view text, const char* what) {
  return fail(ErrorKind::invalid, fmt::format("'{}' {}", shown_value(text), what));
}

}  // namespace

Result<std::string> normal_origin(std::string_view text) {
  if (text == "*" || text == "null") return std::string(text);
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return wrong(text, "has no scheme, such as https://");
  const std::string scheme = lower(text.substr(0, colon));
  if (!is_scheme(scheme)) return wrong(text, "has no scheme, such as https://");
  std::string authority = lower(text.substr(colon + 3));
  if (authority.ends_with('/')) authority.pop_back();
  if (authority.find_first_of("/?#") != std::string::npos)
    return wrong(text, "has a path: an origin ends with the host");
  if (authority.find('@') != std::string::npos) return wrong(text, "has a user: an origin ends with the host");
  // Browsers write no leading zeros in a port. A colon within brackets does not begin a port.
  if (const std::size_t port = authority.rfind(':');
      port != std::string::npos && authority.find(']', port) == authority.npos) {
    const std::size_t digits = authority.find_first_not_of('0', port + 1);
    if (digits != std::string::npos) authority.erase(port + 1, digits - port - 1);
  }
  const std::string_view own_port = scheme == "https" ? ":443" : scheme == "http" ? ":80" : "";
  if (!own_port.empty() && authority.ends_with(own_port)) authority.erase(authority.size() - own_port.size());
  const bool subdomains = authority.starts_with("*.");
  if (!is_endpoint(std::string_view(authority).substr(subdomains ? 2 : 0))) {
    return wrong(
        text,
        "has no host that a browser sends (a * stands for whole subdomains only, other scripts are written xn--…)");
  }
  return fmt::format("{}://{}", scheme, authority);
}

}  // namespace nx::config
