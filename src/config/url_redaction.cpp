#include "config/url_redaction.hpp"

#include <algorithm>

#include "config/host_names.hpp"
#include "model/list.hpp"

namespace nx::config {
namespace {

constexpr std::string_view kAfterScheme = "://";
constexpr std::string_view kHidden = "…";

/// RFC 3986 §3.1, limited to 20 characters, so that a password of letters and a colon is not taken for a scheme.
bool is_short_scheme(std::string_view text) {
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  return !text.empty() && text.size() <= 20 && is_lower(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_lower(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'; });
}

/// host[:port], several separated by commas; also empty, and the percent-encoded directory of a socket, which libpq
/// accepts.
bool is_authority(std::string_view text) {
  while (!text.empty()) {
    const std::string_view one = take_list_item(text);
    const bool folder = one.starts_with("%2F") && one.find(':') == std::string_view::npos;
    if (!folder && !is_endpoint(one)) return false;
  }
  return true;
}

/// A colon or an @ here may belong to a password that was not escaped.
bool is_plain_path(std::string_view text) {
  return text.find_first_of(":@") == std::string_view::npos;
}

/// The part after `scheme://` that may be shown; empty if it could be a password.
std::string shown_rest(std::string_view rest) {
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  std::string_view authority = rest.substr(0, end);
  if (rest.find('@', end) != std::string_view::npos) return {};
  const std::string_view path = rest.substr(end, std::min(rest.find_first_of("?#"), rest.size()) - end);
  const std::size_t at = authority.rfind('@');
  const bool has_user = at != std::string_view::npos;
  if (has_user) authority.remove_prefix(at + 1);
  if (!is_authority(authority) || !is_plain_path(path)) return {};
  return (has_user ? "***@" : "") + std::string(authority) + std::string(path);
}

}  // namespace

std::string redact_url(std::string_view url) {
  if (url.empty()) return {};
  const std::size_t colon = url.find(':');
  const std::string_view scheme = url.substr(0, colon);
  if (colon == std::string_view::npos || !is_short_scheme(scheme)) return std::string(kHidden);
  const std::string_view behind = url.substr(colon);
  if (behind.starts_with(kAfterScheme)) {
    const std::string shown = shown_rest(behind.substr(kAfterScheme.size()));
    return std::string(scheme) + std::string(kAfterScheme) + (shown.empty() ? std::string(kHidden) : shown);
  }
  // A special form: a file without a host.
  const std::string_view path = behind.substr(1, behind.find_first_of("?#") - 1);
  if (scheme == "sqlite" && is_plain_path(behind.substr(1))) return "sqlite:" + std::string(path);
  // `user:password` without a scheme begins like a scheme.
  return behind.starts_with(":/") ? std::string(scheme) + ":" + std::string(kHidden) : std::string(kHidden);
}

std::string shown_value(std::string_view value) {
  const std::size_t at = value.rfind('@');
  const bool may_be_secret = at != std::string_view::npos && value.substr(0, at).find(':') != std::string_view::npos;
  return may_be_secret ? redact_url(value) : std::string(value);
}

bool url_has_password(std::string_view url) {
  if (url.find("password=") != std::string_view::npos) return true;  // libpq accepts a password here as well
  const std::size_t scheme = url.find(kAfterScheme);
  const std::string_view rest = scheme == std::string_view::npos ? url : url.substr(scheme + kAfterScheme.size());
  const std::size_t at = rest.rfind('@');
  return at != std::string_view::npos && rest.substr(0, at).find(':') != std::string_view::npos;
}

}  // namespace nx::config
