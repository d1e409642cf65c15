#pragma once
// Address ranges whose word about the client's address is taken, and who the client then is.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "transport/ip_address.hpp"

namespace nx::transport {

class Cidr {
 public:
  /// `10.0.0.0/8`, `2001:db8::/32`, or an address alone. Bits behind the prefix may be set and are ignored.
  static std::optional<Cidr> parse(std::string_view text);

  bool contains(const IpAddress& address) const;

 private:
  IpAddress network_;
  std::uint8_t prefix_bits_ = 0;  // of the 16-byte form
};

bool contains(std::span<const Cidr> ranges, const IpAddress& address);

/// The client behind proxies: from the right of X-Forwarded-For the first address that is not trusted itself. The peer
/// when it is not trusted, or when the list names nobody; reading stops at the first entry that is no address.
IpAddress client_address(const IpAddress& peer, std::string_view forwarded_for, std::span<const Cidr> trusted);

}  // namespace nx::transport
