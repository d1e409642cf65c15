#pragma once
// host:port of a listener; an IPv6 host is in brackets.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nx::config {

struct ListenAddress {
  std::string host;  // without brackets
  std::uint16_t port = 0;
};

std::optional<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace nx::config
