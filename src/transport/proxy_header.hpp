#pragma once
// The binary PROXY protocol header, version 2 (HAProxy, proxy-protocol.txt §2.2), without I/O.

#include <cstddef>
#include <optional>
#include <string_view>

#include "transport/ip_address.hpp"

namespace nx::transport {

struct ProxyHeader {
  enum class Status {
    absent,     // the bytes do not begin with the signature
    need_more,  // they may
    parsed,  // `used` bytes are the header; `source` is the client, none for LOCAL or an address family that is not IP
    invalid  // the signature, then nonsense: version, command or lengths
  };
  Status status = Status::absent;
  std::size_t used = 0;
  std::optional<IpAddress> source = std::nullopt;
};

/// Headers of more than 4 KiB (their TLVs have no other bound) are invalid.
ProxyHeader parse_proxy_header(std::string_view bytes);

}  // namespace nx::transport
