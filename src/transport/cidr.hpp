#pragma once
// Address ranges of trusted proxies, and the client's address behind them.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "transport/ip_address.hpp"

namespace nx::transport {

class Cidr {
 public:
  /// Parses `10.0.0.0/8`, `2001:db8::/32`, or a single address. Bits after the prefix are ignored.
  static std::optional<Cidr> parse(std::string_view text);

  bool contains(const IpAddress& address) const;

 private:
  IpAddress network_;
  std::uint8_t prefix_bits_ = 0;  // of the 16-byte form
};

bool contains(std::span<const Cidr> ranges, const IpAddress& address);

/// The client's address behind proxies: the first address from the right of X-Forwarded-For that is not trusted, or the
/// leftmost one when all are trusted. Returns `peer` when it is not trusted itself or when the list is empty. Reading
/// stops at the first entry that is not an address.
IpAddress client_address(const IpAddress& peer, std::string_view forwarded_for, std::span<const Cidr> trusted);

/// Whether `peer` is trusted and the last entry of X-Forwarded-Proto, which is its own, is `https`.
bool client_uses_tls(const IpAddress& peer, std::string_view forwarded_proto, std::span<const Cidr> trusted);

}  // namespace nx::transport
