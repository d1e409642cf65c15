#include "client/stream_url.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nx::client {
namespace {

TEST(StreamUrl, takes_host_port_and_path_apart) {
  const auto url = parse_stream_url("ws://127.0.0.1:3000/stream?a=b");
  ASSERT_TRUE(url.has_value());
  EXPECT_FALSE(url->secure);
  EXPECT_EQ(url->host, "127.0.0.1");
  EXPECT_EQ(url->port, 3000);
  EXPECT_EQ(url->resource, "/stream?a=b");
  EXPECT_EQ(url->authority(), "127.0.0.1:3000");
}

TEST(StreamUrl, each_scheme_has_its_port) {
  EXPECT_EQ(parse_stream_url("ws://signal.example/stream")->port, 80);
  EXPECT_EQ(parse_stream_url("wss://signal.example/stream")->port, 443);
  EXPECT_TRUE(parse_stream_url("wss://signal.example/stream")->secure);
  EXPECT_EQ(parse_stream_url("wss://signal.example/stream")->authority(), "signal.example");
}

TEST(StreamUrl, an_ipv6_address_stands_in_brackets) {
  const auto url = parse_stream_url("ws://[::1]:3000/");
  ASSERT_TRUE(url.has_value());
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->authority(), "[::1]:3000");
}

TEST(StreamUrl, without_a_path_the_root_is_asked) {
  EXPECT_EQ(parse_stream_url("ws://h")->resource, "/");
  EXPECT_EQ(parse_stream_url("ws://h?x")->resource, "/?x");
}

TEST(StreamUrl, what_is_wrong_is_named) {
  const auto complaint = [](std::string_view text) {
    const auto url = parse_stream_url(text);
    return url ? "taken" : url.error().message;
  };
  using testing::HasSubstr;
  EXPECT_THAT(complaint("http://h/"), HasSubstr("ws://"));
  EXPECT_THAT(complaint(""), HasSubstr("ws://"));
  EXPECT_THAT(complaint("ws:///stream"), HasSubstr("no host"));
  EXPECT_THAT(complaint("ws://user:secret@h/"), HasSubstr("user name"));
  EXPECT_THAT(complaint("ws://h:0/"), HasSubstr("port"));
  EXPECT_THAT(complaint("ws://h:65536/"), HasSubstr("port"));
  EXPECT_THAT(complaint("ws://h:30a/"), HasSubstr("port"));
  EXPECT_THAT(complaint("ws://h:/"), HasSubstr("port"));
  EXPECT_THAT(complaint("ws://[::1/"), HasSubstr("["));
  EXPECT_THAT(complaint("ws://h/a#b"), HasSubstr("fragment"));
  EXPECT_THAT(complaint("ws://h/a b"), HasSubstr("space"));
  EXPECT_THAT(complaint("ws://h/\r\nX: y"), HasSubstr("control"));
}

TEST(StreamUrl, a_password_is_not_repeated_in_the_complaint) {
  EXPECT_THAT(parse_stream_url("ws://user:secret@h/").error().message, testing::Not(testing::HasSubstr("secret")));
}

}  // namespace
}  // namespace nx::client
