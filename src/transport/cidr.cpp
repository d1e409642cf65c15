#include "transport/cidr.hpp"

#include <algorithm>

#include "model/number.hpp"
#include "transport/http_token.hpp"

namespace nx::transport {
namespace {

constexpr std::uint8_t kV4Offset = 96;  // bits of ::ffff:0:0/96 before an IPv4 address

// Some proxies add the port: 192.0.2.1:1234, [2001:db8::1]:1234.
std::string_view without_port(std::string_view text) {
  if (text.starts_with('[')) return text.substr(0, text.find(']') == text.npos ? text.npos : text.find(']') + 1);
  const auto colon = text.find(':');
  return colon != text.npos && text.find(':', colon + 1) == text.npos ? text.substr(0, colon) : text;
}

}  // namespace

std::optional<Cidr> Cidr::parse(std::string_view text) {
  text = trim_spaces(text);
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const bool v4 = text.find(':') == text.npos;
  Cidr result;
  result.network_ = *address;
  result.prefix_bits_ = 128;
  if (slash != text.npos) {
    const auto bits = whole_number<unsigned>(text.substr(slash + 1));
    if (!bits || *bits > (v4 ? 32U : 128U)) return std::nullopt;
    result.prefix_bits_ = static_cast<std::uint8_t>(v4 ? *bits + kV4Offset : *bits);
  }
  return result;
}

bool Cidr::contains(const IpAddress& address) const {
  const std::size_t whole = prefix_bits_ / 8U;
  if (!std::equal(network_.bytes.begin(), network_.bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                  address.bytes.begin())) {
    return false;
  }
  const unsigned rest = prefix_bits_ % 8U;
  return rest == 0 || ((network_.bytes[whole] ^ address.bytes[whole]) >> (8U - rest)) == 0;
}

bool contains(std::span<const Cidr> ranges, const IpAddress& address) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const Cidr& range) { return range.contains(address); });
}

IpAddress client_address(const IpAddress& peer, std::string_view forwarded_for, std::span<const Cidr> trusted) {
  IpAddress client = peer;
  while (contains(trusted, client) && !forwarded_for.empty()) {
    const auto comma = forwarded_for.rfind(',');
    const std::string_view last = comma == forwarded_for.npos ? forwarded_for : forwarded_for.substr(comma + 1);
    forwarded_for = comma == forwarded_for.npos ? std::string_view{} : forwarded_for.substr(0, comma);
    const auto address = IpAddress::parse(without_port(trim_spaces(last)));
    if (!address) break;
    client = *address;
  }
  return client;
}

bool client_uses_tls(const IpAddress& peer, std::string_view forwarded_proto, std::span<const Cidr> trusted) {
  const std::string_view last = trim_spaces(forwarded_proto.substr(forwarded_proto.rfind(',') + 1));
  return same_ignoring_case(last, "https") && contains(trusted, peer);
}

}  // namespace nx::transport
