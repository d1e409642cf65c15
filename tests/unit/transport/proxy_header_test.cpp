#include "transport/proxy_header.hpp"

#include <string>

#include <gtest/gtest.h>

namespace nx::transport {
namespace {

using Status = ProxyHeader::Status;

const std::string kSignature("\r\n\r\n\0\r\nQUIT\n", 12);

std::string header(unsigned version_and_command, unsigned family, const std::string& addresses) {
  std::string out = kSignature;
  out += static_cast<char>(version_and_command);
  out += static_cast<char>(family);
  out += static_cast<char>(addresses.size() >> 8U);
  out += static_cast<char>(addresses.size() & 0xFFU);
  return out + addresses;
}

const std::string kV4Addresses("\xC0\x00\x02\x07\x0A\x00\x00\x01\x30\x39\x01\xBB", 12);

TEST(ProxyHeader, NamesTheIpv4Source) {
  const std::string bytes = header(0x21, 0x11, kV4Addresses);

  const ProxyHeader parsed = parse_proxy_header(bytes + "GET / HTTP/1.1");

  EXPECT_EQ(parsed.status, Status::parsed);
  EXPECT_EQ(parsed.used, bytes.size());
  EXPECT_EQ(parsed.source.value().text(), "192.0.2.7");
}

TEST(ProxyHeader, NamesTheIpv6SourceAndSkipsExtensions) {
  std::string addresses = std::string("\x20\x01\x0d\xb8", 4) + std::string(11, '\0') + '\x05' + std::string(20, '\0');
  addresses += std::string("\x04\x00\x02xx", 5);
  const std::string bytes = header(0x21, 0x21, addresses);

  const ProxyHeader parsed = parse_proxy_header(bytes);

  EXPECT_EQ(parsed.used, bytes.size());
  EXPECT_EQ(parsed.source.value().text(), "2001:db8::5");
}

TEST(ProxyHeader, HasNoSourceForLocalAndForeignFamilies) {
  for (const std::string& bytes :
       {header(0x20, 0x00, ""), header(0x20, 0x11, kV4Addresses), header(0x21, 0x00, ""), header(0x21, 0x31, "path")}) {
    const ProxyHeader parsed = parse_proxy_header(bytes);
    EXPECT_EQ(parsed.status, Status::parsed);
    EXPECT_EQ(parsed.used, bytes.size());
    EXPECT_FALSE(parsed.source);
  }
}

TEST(ProxyHeader, WaitsForEveryByte) {
  const std::string bytes = header(0x21, 0x11, kV4Addresses);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_EQ(parse_proxy_header(std::string_view(bytes).substr(0, size)).status, Status::need_more) << size;
  }
}

TEST(ProxyHeader, IsAbsentFromTheFirstOtherByte) {
  EXPECT_EQ(parse_proxy_header("G").status, Status::absent);
  EXPECT_EQ(parse_proxy_header("\r\nGET").status, Status::absent);
  EXPECT_EQ(parse_proxy_header("PROXY TCP4 192.0.2.1 10.0.0.1 1 2\r\n").status, Status::absent);
}

TEST(ProxyHeader, RefusesNonsenseBehindTheSignature) {
  EXPECT_EQ(parse_proxy_header(header(0x11, 0x11, kV4Addresses)).status, Status::invalid) << "version 1";
  EXPECT_EQ(parse_proxy_header(header(0x22, 0x11, kV4Addresses)).status, Status::invalid) << "unknown command";
  EXPECT_EQ(parse_proxy_header(header(0x21, 0x11, "short")).status, Status::invalid);
  EXPECT_EQ(parse_proxy_header(header(0x21, 0x21, kV4Addresses)).status, Status::invalid) << "IPv6 with IPv4's length";
  EXPECT_EQ(parse_proxy_header(header(0x21, 0x11, std::string(5'000, 'x'))).status, Status::invalid) << "too long";
}

}  // namespace
}  // namespace nx::transport
