#include "transport/proxy_header.hpp"

#include <algorithm>

namespace nx::transport {
namespace {

constexpr std::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kFixedBytes = 16;
constexpr std::size_t kMaxBytes = 4'096;

}  // namespace

ProxyHeader parse_proxy_header(std::string_view bytes) {
  using Status = ProxyHeader::Status;
  const std::size_t compared = std::min(bytes.size(), kSignature.size());
  if (bytes.substr(0, compared) != kSignature.substr(0, compared)) return {.status = Status::absent};
  if (bytes.size() < kFixedBytes) return {.status = Status::need_more};

  const auto byte = [bytes](std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); };
  const unsigned version = byte(12) >> 4U;
  const unsigned command = byte(12) & 0x0FU;
  const unsigned family = byte(13) >> 4U;
  const std::size_t size = kFixedBytes + (std::size_t{byte(14)} << 8U) + byte(15);
  if (version != 2 || command > 1 || size > kMaxBytes) return {.status = Status::invalid};
  if (bytes.size() < size) return {.status = Status::need_more};

  ProxyHeader header{.status = Status::parsed, .used = size};
  if (command == 0) return header;  // LOCAL: a connection of the proxy itself (a health check)
  const auto source_at = bytes.begin() + kFixedBytes;
  if (family == 1) {
    if (size < kFixedBytes + 12) return {.status = Status::invalid};
    std::array<std::uint8_t, 4> octets{};
    std::transform(source_at, source_at + 4, octets.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
    header.source = IpAddress::from_v4(octets);
  } else if (family == 2) {
    if (size < kFixedBytes + 36) return {.status = Status::invalid};
    IpAddress source;
    std::transform(source_at, source_at + 16, source.bytes.begin(),
                   [](char c) { return static_cast<std::uint8_t>(c); });
    header.source = source;
  }
  return header;
}

}  // namespace nx::transport
