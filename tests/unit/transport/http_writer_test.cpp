#include "transport/http_writer.hpp"

#include <gtest/gtest.h>

namespace nx::transport {
namespace {

std::string written(const HttpResponse& response, AfterResponse after = AfterResponse::keep_open,
                    ResponseBody body = ResponseBody::send) {
  std::string out;
  append_response(out, response, after, body);
  return out;
}

TEST(HttpWriter, WritesStatusHeadersLengthAndBody) {
  EXPECT_EQ(written({.status = 200, .headers = {{"Content-Type", "text/plain"}}, .body = "hello"}),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello");
}

TEST(HttpWriter, SaysWhenTheConnectionEnds) {
  EXPECT_EQ(written({.status = 404, .headers = {}, .body = ""}, AfterResponse::close),
            "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
}

TEST(HttpWriter, GivesHeadTheLengthWithoutTheBody) {
  EXPECT_EQ(written({.status = 200, .headers = {}, .body = "hello"}, AfterResponse::keep_open, ResponseBody::omit),
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
}

TEST(HttpWriter, GivesNoBodyNorLengthWhereTheStatusForbidsThem) {
  EXPECT_EQ(written({.status = 204, .headers = {}, .body = "never"}), "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(written({.status = 304, .headers = {}, .body = "never"}), "HTTP/1.1 304 Not Modified\r\n\r\n");
}

TEST(HttpWriter, NeverSendsAHeaderThatWouldSplitTheResponse) {
  const std::string refused = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n";
  for (const std::string& value :
       {std::string("a\r\nSet-Cookie: x=1"), std::string("a\nb"), std::string("a\rb"), std::string("a\0b", 3)}) {
    EXPECT_EQ(written({.status = 200, .headers = {{"X", value}}, .body = "secret"}), refused)
        << testing::PrintToString(value);
  }
  EXPECT_EQ(written({.status = 200, .headers = {{"X\r\nY", "v"}}, .body = {}}), refused);
  EXPECT_EQ(written({.status = 200, .headers = {{"", "v"}}, .body = {}}), refused);
  EXPECT_EQ(written({.status = 7, .headers = {}, .body = {}}), refused);
}

TEST(HttpWriter, WritesContinue) {
  std::string out;
  append_continue(out);
  EXPECT_EQ(out, "HTTP/1.1 100 Continue\r\n\r\n");
}

}  // namespace
}  // namespace nx::transport
