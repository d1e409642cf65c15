#include "config/host_names.hpp"

#include <algorithm>
#include <string>

#include <arpa/inet.h>

#include "model/host_port.hpp"

namespace nx::config {
namespace {

bool is_literal(int family, std::string_view text) {
  unsigned char bytes[16];
  return ::inet_pton(family, std::string(text).c_str(), bytes) == 1;
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// RFC 1123 §2.1, and the underscore, which occurs in names of Docker and Kubernetes services.
bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(), [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
}

}  // namespace

bool is_host(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) return is_literal(AF_INET6, text.substr(1, text.size() - 2));
  if (text.find(':') != std::string_view::npos) {
    const std::size_t zone = text.find('%');  // fe80::1%eth0
    return is_literal(AF_INET6, text.substr(0, zone));
  }
  if (text.empty() || text.size() > 253) return false;
  if (text.ends_with('.')) text.remove_suffix(1);
  std::string_view last;
  for (std::string_view rest = text;;) {
    const std::size_t dot = rest.find('.');
    last = rest.substr(0, dot);
    if (!is_label(last)) return false;
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  const bool is_number = last.find_first_not_of("0123456789") == std::string_view::npos;
  return !is_number || is_literal(AF_INET, text);  // a top-level name is not a number
}

bool is_port(std::string_view text) {
  return parse_port(text).has_value();
}

bool is_endpoint(std::string_view text) {
  const std::size_t end = text.starts_with('[') ? text.find(']') + 1 : std::min(text.find(':'), text.size());
  if (end == 0 || !is_host(text.substr(0, end))) return false;
  return end == text.size() || (text[end] == ':' && is_port(text.substr(end + 1)));
}

bool is_http_url(std::string_view text) {
  const std::size_t scheme = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
  if (scheme == 0) return false;
  if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return c <= ' ' || c >= 0x7f; })) return false;
  std::string_view authority = text.substr(scheme);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  const std::size_t at = authority.rfind('@');
  return is_endpoint(at == std::string_view::npos ? authority : authority.substr(at + 1));
}

}  // namespace nx::config
