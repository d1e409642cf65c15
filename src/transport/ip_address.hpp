#pragma once
// An IPv4 or IPv6 address as a value: 16 bytes, IPv4 as ::ffff:a.b.c.d, so that both are compared in the same way.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

namespace nx::transport {

struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};

  /// Parses a literal without port. Brackets around IPv6 are accepted, zone ids are not.
  static std::optional<IpAddress> parse(std::string_view text);
  static std::optional<IpAddress> from(const sockaddr& address);
  static IpAddress from_v4(const std::array<std::uint8_t, 4>& octets);

  bool is_v4() const;
  std::string text() const;  // 192.0.2.1 or 2001:db8::1, without brackets

  /// 127/8, 10/8, 172.16/12, 192.168/16, 169.254/16, 100.64/10 (RFC 6598), ::1, fc00::/7, fe80::/10: more probably the
  /// address of a balancer than of a client.
  bool is_loopback_or_private() const;
  bool is_loopback() const;

  bool operator==(const IpAddress&) const = default;
  auto operator<=>(const IpAddress&) const = default;
};

}  // namespace nx::transport
