#pragma once
// host:port as text, where an IPv6 address is in brackets (RFC 3986 §3.2.2). Pure, for any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nx {

struct HostPort {
  std::string_view host;                 // without its brackets; may be empty; a part of the text
  std::optional<std::string_view> port;  // the text after the colon, possibly empty; nullopt without a colon
};

/// Does not validate the parts. nullopt when a bracket is not closed, or is followed by anything but a colon.
std::optional<HostPort> split_host_port(std::string_view text);

/// 1 to 65535.
std::optional<std::uint16_t> parse_port(std::string_view text);

/// The content of `[…]`; any other text unchanged.
std::string_view without_brackets(std::string_view host);

/// host:port; an IPv6 address gets brackets, whether it was given with them or not.
std::string host_port_text(std::string_view host, std::uint16_t port);
/// The host alone, with brackets likewise.
std::string host_text(std::string_view host);

}  // namespace nx
