// Hexadecimal digits, numbers, percent-encoding, lists and host:port in text.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/hex.hpp"
#include "model/host_port.hpp"
#include "model/list.hpp"
#include "model/number.hpp"
#include "model/percent.hpp"

namespace nx {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(TextRulesHex, GoesBothWays) {
  for (int byte = 0; byte < 256; ++byte) {
    for (const char* digits : {kLowerHexDigits, kUpperHexDigits}) {
      std::string text;
      append_hex(text, static_cast<std::uint8_t>(byte), digits);
      EXPECT_EQ(hex_value(text.at(0)) * 16 + hex_value(text.at(1)), byte);
    }
  }
  for (const char c : {'g', 'G', '/', ':', '@', '`', ' ', '\0'}) EXPECT_EQ(hex_value(c), -1);
}

TEST(TextRulesNumber, IsTheWholeTextAndFits) {
  EXPECT_EQ(whole_number<int>("-12"), -12);
  EXPECT_EQ(whole_number<std::uint16_t>("65535"), 65'535);
  for (const char* text : {"", " 1", "1 ", "+1", "1.0", "0x1", "65536", "-1"}) {
    EXPECT_EQ(whole_number<std::uint16_t>(text), std::nullopt) << text;
  }
}

TEST(TextRulesPercent, DecodesBytesAndRefusesBrokenEscapes) {
  EXPECT_EQ(percent_decode("a%2fb%2F+", PlusSign::literal), "a/b/+");
  EXPECT_EQ(percent_decode("+", PlusSign::space), " ");
  EXPECT_EQ(percent_decode("%ff", PlusSign::literal), "\xff");
  EXPECT_EQ(percent_decode_utf8("%ff", PlusSign::literal), std::nullopt);
  EXPECT_EQ(percent_decode_utf8("%C3%BC", PlusSign::literal), "ü");
  for (const char* text : {"%", "%1", "a%", "%g0", "%0g", "%%41"}) {
    EXPECT_EQ(percent_decode(text, PlusSign::literal), std::nullopt) << text;
  }
}

TEST(TextRulesPercent, EscapesAllButUnreservedCharacters) {
  EXPECT_EQ(percent_encode("aZ9-_.~"), "aZ9-_.~");
  EXPECT_EQ(percent_encode("a b/ü+"), "a%20b%2F%C3%BC%2B");
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  EXPECT_EQ(percent_decode(percent_encode(all), PlusSign::space), all);
}

TEST(TextRulesList, SplitsAtEveryComma) {
  EXPECT_THAT(split_list(""), ElementsAre(""));
  EXPECT_THAT(split_list("a"), ElementsAre("a"));
  EXPECT_THAT(split_list("a, b,"), ElementsAre("a", " b", ""));
}

TEST(TextRulesList, ItemsAreTrimmedAndNotEmpty) {
  EXPECT_THAT(list_items(" , ,"), IsEmpty());
  EXPECT_THAT(list_items(" a b ,,c"), ElementsAre("a b", "c"));
}

TEST(TextRulesList, ALoopTakesNothingBehindTheLastComma) {
  std::vector<std::string_view> taken;
  for (std::string_view rest = "a,,b,"; !rest.empty();) taken.push_back(take_list_item(rest));
  EXPECT_THAT(taken, ElementsAre("a", "", "b"));
}

TEST(TextRulesHostPort, Splits) {
  struct Case {
    const char *text, *host;
    std::optional<std::string_view> port;
  };
  for (const auto& [text, host, port] :
       {Case{"h", "h", std::nullopt}, Case{"h:1", "h", "1"}, Case{"h:", "h", ""}, Case{"[::1]", "::1", std::nullopt},
        Case{"[::1]:x", "::1", "x"}, Case{"[]:", "", ""}, Case{"", "", std::nullopt}, Case{":9", "", "9"}}) {
    const auto parts = split_host_port(text);
    ASSERT_TRUE(parts) << text;
    EXPECT_EQ(parts->host, host) << text;
    EXPECT_EQ(parts->port, port) << text;
  }
  for (const char* text : {"[", "[::1", "[::1]9", "[::1] :9"}) EXPECT_FALSE(split_host_port(text)) << text;
}

TEST(TextRulesHostPort, PortsAreFrom1To65535) {
  EXPECT_EQ(parse_port("1"), 1);
  EXPECT_EQ(parse_port("65535"), 65'535);
  for (const char* text : {"", "0", "65536", "-1", "1x"}) EXPECT_EQ(parse_port(text), std::nullopt) << text;
}

TEST(TextRulesHostPort, WritesBracketsAroundIpv6Once) {
  EXPECT_EQ(host_port_text("h", 1), "h:1");
  EXPECT_EQ(host_port_text("::1", 2), "[::1]:2");
  EXPECT_EQ(host_port_text("[::1]", 2), "[::1]:2");
  EXPECT_EQ(host_text("::1"), "[::1]");
  EXPECT_EQ(without_brackets("[::1]"), "::1");
  EXPECT_EQ(without_brackets("["), "[");
  EXPECT_EQ(without_brackets("[]"), "");
}

}  // namespace
}  // namespace nx
