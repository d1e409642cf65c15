#include "transport/cidr.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace nx::transport {
namespace {

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}
bool in(std::string_view range, std::string_view address) {
  return Cidr::parse(range).value().contains(ip(address));
}

TEST(CidrIpAddress, ReadsAndWritesBothFamilies) {
  for (const char* text : {"192.0.2.1", "0.0.0.0", "2001:db8::1", "::1", "::"}) EXPECT_EQ(ip(text).text(), text);
  EXPECT_EQ(ip("[2001:db8::1]"), ip("2001:DB8:0::1"));
  EXPECT_EQ(ip("::ffff:192.0.2.1"), ip("192.0.2.1"));
}

TEST(CidrIpAddress, RefusesWhatIsNone) {
  for (const std::string_view text :
       {std::string_view(""), std::string_view("localhost"), std::string_view("1.2.3"), std::string_view("1.2.3.256"),
        std::string_view("1.2.3.4:5"), std::string_view(":::"), std::string_view("fe80::1%eth0"),
        std::string_view("1.2.3.4\0x", 9), std::string_view("[1.2.3.4")}) {
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  }
  EXPECT_FALSE(IpAddress::parse(std::string(1'000, '1')));
}

TEST(CidrIpAddress, KnowsWhatIsPrivate) {
  for (const char* text : {"127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.1.1",
                           "100.64.0.1", "::1", "fd00::1", "fe80::1"}) {
    EXPECT_TRUE(ip(text).is_loopback_or_private()) << text;
  }
  for (const char* text :
       {"8.8.8.8", "172.32.0.1", "172.15.0.1", "100.128.0.1", "192.169.0.1", "2001:db8::1", "::2", "fec0::1"}) {
    EXPECT_FALSE(ip(text).is_loopback_or_private()) << text;
  }
  EXPECT_TRUE(ip("127.9.9.9").is_loopback());
  EXPECT_FALSE(ip("10.0.0.1").is_loopback());
}

TEST(Cidr, MatchesByPrefix) {
  EXPECT_TRUE(in("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(in("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(in("192.0.2.128/25", "192.0.2.200"));
  EXPECT_FALSE(in("192.0.2.128/25", "192.0.2.100"));
  EXPECT_TRUE(in("192.0.2.1", "192.0.2.1"));
  EXPECT_FALSE(in("192.0.2.1", "192.0.2.2"));
  EXPECT_TRUE(in("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(in("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(in("0.0.0.0/0", "203.0.113.9"));
  EXPECT_FALSE(in("0.0.0.0/0", "2001:db8::1")) << "all of IPv4 is not all of IPv6";
  EXPECT_TRUE(in("::/0", "203.0.113.9"));
  EXPECT_TRUE(in("10.9.9.9/8", "10.0.0.1")) << "bits behind the prefix are ignored";
}

TEST(Cidr, RefusesWhatIsNone) {
  for (const char* text :
       {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "::/129", "host/8", "10.0.0.0/8/8"}) {
    EXPECT_FALSE(Cidr::parse(text)) << text;
  }
}

TEST(CidrClientAddress, IsThePeerUnlessThePeerIsTrusted) {
  const std::vector trusted{Cidr::parse("10.0.0.0/8").value()};
  EXPECT_EQ(client_address(ip("203.0.113.5"), "1.1.1.1", trusted), ip("203.0.113.5"));
  EXPECT_EQ(client_address(ip("10.0.0.1"), "1.1.1.1", trusted), ip("1.1.1.1"));
  EXPECT_EQ(client_address(ip("10.0.0.1"), "", trusted), ip("10.0.0.1"));
  EXPECT_EQ(client_address(ip("10.0.0.1"), "1.1.1.1", {}), ip("10.0.0.1"));
}

TEST(CidrClientAddress, BelievesTheListFromTheRightAsFarAsItIsTrusted) {
  const std::vector trusted{Cidr::parse("10.0.0.0/8").value()};
  EXPECT_EQ(client_address(ip("10.0.0.1"), "6.6.6.6, 198.51.100.7 ,10.0.0.9", trusted), ip("198.51.100.7"));
  EXPECT_EQ(client_address(ip("10.0.0.1"), "10.0.0.8, 10.0.0.9", trusted), ip("10.0.0.8"));
  EXPECT_EQ(client_address(ip("10.0.0.1"), "6.6.6.6, unknown, 10.0.0.9", trusted), ip("10.0.0.9"));
  EXPECT_EQ(client_address(ip("10.0.0.1"), "198.51.100.7:4711", trusted), ip("198.51.100.7"));
  EXPECT_EQ(client_address(ip("10.0.0.1"), "[2001:db8::1]:4711", trusted), ip("2001:db8::1"));
  EXPECT_EQ(client_address(ip("10.0.0.1"), "2001:db8::1", trusted), ip("2001:db8::1"));
}

TEST(CidrClientUsesTls, ByTheLastWordOfATrustedPeer) {
  const std::vector<Cidr> trusted{*Cidr::parse("10.0.0.0/8")};
  EXPECT_TRUE(client_uses_tls(ip("10.0.0.1"), "https", trusted));
  EXPECT_TRUE(client_uses_tls(ip("10.0.0.1"), "http, HTTPS ", trusted));
  EXPECT_FALSE(client_uses_tls(ip("10.0.0.1"), "https, http", trusted));
  EXPECT_FALSE(client_uses_tls(ip("10.0.0.1"), "", trusted));
  EXPECT_FALSE(client_uses_tls(ip("10.0.0.1"), "httpsx", trusted));
  EXPECT_FALSE(client_uses_tls(ip("203.0.113.5"), "https", trusted));
}

}  // namespace
}  // namespace nx::transport
