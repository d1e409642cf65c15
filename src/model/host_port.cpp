#include "model/host_port.hpp"

#include "model/number.hpp"

namespace nx {

std::optional<HostPort> split_host_port(std::string_view text) {
  HostPort parts;
  std::string_view behind;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    parts.host = text.substr(1, end - 1);
    behind = text.substr(end + 1);
    if (!behind.empty() && behind.front() != ':') return std::nullopt;
  } else {
    parts.host = text.substr(0, text.find(':'));
    behind = text.substr(parts.host.size());
  }
  if (!behind.empty()) parts.port = behind.substr(1);
  return parts;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  const auto port = whole_number<std::uint16_t>(text);
  return port && *port != 0 ? port : std::nullopt;
}

std::string_view without_brackets(std::string_view host) {
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  return bracketed ? host.substr(1, host.size() - 2) : host;
}

std::string host_text(std::string_view host) {
  const bool wants_brackets = host.find(':') != std::string_view::npos && !host.starts_with('[');
  return wants_brackets ? "[" + std::string(host) + "]" : std::string(host);
}

std::string host_port_text(std::string_view host, std::uint16_t port) {
  return host_text(host) + ":" + std::to_string(port);
}

}  // namespace nx
