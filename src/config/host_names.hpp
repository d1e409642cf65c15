#pragma once
// Hosts and ports as they are written in settings. Pure: no name is resolved.

#include <string_view>

namespace nx::config {

/// A DNS name, an IPv4 address, or an IPv6 address with or without brackets.
bool is_host(std::string_view text);

/// 1 to 65535.
bool is_port(std::string_view text);

/// `host` or `host:port`; an IPv6 address needs its brackets before a port.
bool is_endpoint(std::string_view text);

/// `scheme://[user@]host[:port][/path][?query]`, without spaces, with one of these two schemes.
bool is_http_url(std::string_view text);

}  // namespace nx::config
