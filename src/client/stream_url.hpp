#pragma once
// A ws:// or wss:// address (RFC 6455 §3), parsed. Value type.

#include <cstdint>
#include <string>
#include <string_view>

#include "model/result.hpp"

namespace nx::client {

struct StreamUrl {
  bool secure = false;      // wss
  std::string host;         // a name or an address, IPv6 without brackets
  std::uint16_t port = 80;  // 443 for wss unless given
  std::string resource;     // path and query, at least "/"

  /// host:port in the form of the Host header: brackets around IPv6, without the default port of the scheme.
  std::string authority() const;
};

/// The error says which part is wrong. User information and fragments are refused (RFC 6455 §3 allows neither).
Result<StreamUrl> parse_stream_url(std::string_view text);

}  // namespace nx::client
