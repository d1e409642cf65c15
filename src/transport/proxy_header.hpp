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
    need_more,  // the bytes so far may be the beginning of a header
    // `used` bytes are the header; `source` is the client, unset for LOCAL and for address families other than IP
    parsed,
    invalid  // the signature is followed by an invalid version, command or length
  };
  Status status = Status::absent;
  std::size_t used = 0;
  std::optional<IpAddress> source = std::nullopt;
};

/// A header of more than 4 KiB is invalid, because its TLVs have no other bound.
ProxyHeader parse_proxy_header(std::string_view bytes);

}  // namespace nx::transport
