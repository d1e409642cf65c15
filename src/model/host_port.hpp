#pragma once
// host:port in text, where an IPv6 address stands in brackets (RFC 3986 §3.2.2). Pure, for any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nx {

struct HostPort {
  std::string_view host;                 // without its brackets; may be empty; a part of the text
  std::optional<std::string_view> port;  // what stands behind the colon, maybe nothing; none without a colon
};

/// Neither part is looked at. None when a bracket has no end, or something else than a colon follows it.
std::optional<HostPort> split_host_port(std::string_view text);

/// 1 to 65535.
std::optional<std::uint16_t> parse_port(std::string_view text);

/// Of `[…]` what is inside; any other text as it is.
std::string_view without_brackets(std::string_view host);

/// host:port, an IPv6 address in brackets, whether they were given or not.
std::string host_port_text(std::string_view host, std::uint16_t port);
/// The host alone, likewise.
std::string host_text(std::string_view host);

}  // namespace nx
