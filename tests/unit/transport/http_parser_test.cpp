#include <string>

#include <gtest/gtest.h>

#include "unit/transport/http_requests.hpp"

namespace nx::transport {
namespace {

using Status = HttpParser::Status;

TEST(HttpParser, ReadsARequestWithoutABody) {
  HttpParser parser;
  const std::string bytes = "GET /v1/things?limit=2&x HTTP/1.1\r\nHost: example\r\nX-Two:  spaced \r\n\r\n";
  const auto progress = parser.feed(bytes);

  ASSERT_EQ(progress.status, Status::complete);
  EXPECT_EQ(progress.used, bytes.size());
  EXPECT_TRUE(parser.keep_alive());
  const HttpRequest request = parser.take();
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.target, "/v1/things?limit=2&x");
  EXPECT_EQ(request.path, "/v1/things");
  EXPECT_EQ(request.query, "limit=2&x");
  EXPECT_EQ(request.header("x-two"), "spaced");
  EXPECT_TRUE(request.has_header("HOST"));
  EXPECT_FALSE(request.has_header("hos"));
  EXPECT_EQ(request.header("absent"), "");
  EXPECT_EQ(request.minor_version, 1);
}

TEST(HttpParser, ReadsTheSameRequestAtEverySplit) {
  const std::string bytes = with_headers("Content-Length: 5\r\n", "hello");
  for (std::size_t split = 0; split < bytes.size(); ++split) {
    HttpParser parser;
    const auto first = parser.feed(std::string_view(bytes).substr(0, split));
    ASSERT_EQ(first.status, Status::need_more) << split;
    ASSERT_EQ(first.used, split);
    const auto second = parser.feed(std::string_view(bytes).substr(split));
    ASSERT_EQ(second.status, Status::complete) << split;
    ASSERT_EQ(second.used, bytes.size() - split);
    EXPECT_EQ(parser.take().body, "hello");
  }
  HttpParser parser;
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) ASSERT_EQ(parser.feed({&bytes[i], 1}).status, Status::need_more);
  EXPECT_EQ(parser.feed({&bytes.back(), 1}).status, Status::complete);
}

TEST(HttpParser, LeavesThePipelinedRequestToTheNextParser) {
  const std::string first = with_headers("Content-Length: 2\r\n", "ab");
  const std::string second = "GET /second HTTP/1.1\r\nHost: h\r\n\r\n";
  const std::string both = first + second;
  for (std::size_t split = 0; split < first.size(); ++split) {
    HttpParser one;
    one.feed(std::string_view(both).substr(0, split));
    const auto progress = one.feed(std::string_view(both).substr(split));
    ASSERT_EQ(progress.status, Status::complete);
    ASSERT_EQ(split + progress.used, first.size());
  }
  HttpParser two;
  EXPECT_EQ(two.feed(std::string_view(both).substr(first.size())).status, Status::complete);
  EXPECT_EQ(two.take().path, "/second");
}

TEST(HttpParser, LeavesFramesBehindAnUpgradeUntouched) {
  const std::string head = "GET /stream HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
  HttpParser parser;

  const auto progress = parser.feed(head + "\x81\x80mask");

  EXPECT_EQ(progress.status, Status::complete);
  EXPECT_EQ(progress.used, head.size());
}

TEST(HttpParser, JoinsChunks) {
  HttpParser parser;
  const std::string bytes =
      with_headers("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\nTrailer: t\r\n\r\n");

  for (const char byte : bytes.substr(0, bytes.size() - 1))
    ASSERT_EQ(parser.feed({&byte, 1}).status, Status::need_more);
  ASSERT_EQ(parser.feed("\n").status, Status::complete);

  EXPECT_EQ(parser.take().body, "abcde");
}

TEST(HttpParser, TakesAnEmptyChunkedBodyInPiecesOfAnySize) {
  for (const std::string_view body : {"0\r\n\r\n", "000\r\n\r\n", "0;ext\r\n\r\n", "0\r\nTrailer: t\r\n\r\n"}) {
    for (std::size_t first = 1; first < body.size(); ++first) {
      for (std::size_t second = first; second < body.size(); ++second) {
        SCOPED_TRACE(testing::Message() << body << " cut at " << first << " and " << second);
        HttpParser parser;
        ASSERT_EQ(parser.feed(with_headers("Transfer-Encoding: chunked\r\n")).status, Status::need_more);
        ASSERT_EQ(parser.feed(body.substr(0, first)).status, Status::need_more);
        ASSERT_EQ(parser.feed(body.substr(first, second - first)).status, Status::need_more);
        const auto progress = parser.feed(body.substr(second));
        ASSERT_EQ(progress.status, Status::complete);
        EXPECT_EQ(progress.used, body.size() - second);
        EXPECT_EQ(parser.take().body, "");
      }
    }
  }
}

TEST(HttpParser, SaysWhenAClientWaitsForContinue) {
  HttpParser parser;
  parser.feed(with_headers("Content-Length: 2\r\nExpect: 100-Continue\r\n"));
  EXPECT_TRUE(parser.head_complete());
  EXPECT_TRUE(parser.expects_continue());

  EXPECT_EQ(parser.feed("ab").status, Status::complete);
  EXPECT_FALSE(parser.expects_continue());
}

TEST(HttpParser, KnowsHowTheConnectionGoesOn) {
  const auto kept = [](const std::string& bytes) {
    HttpParser parser;
    EXPECT_EQ(parser.feed(bytes).status, Status::complete);
    return parser.keep_alive();
  };
  EXPECT_TRUE(kept("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_FALSE(kept("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
  EXPECT_FALSE(kept("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(kept("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(HttpParser, TakesTheAbsoluteFormOfATarget) {
  HttpParser parser;
  ASSERT_EQ(parser.feed("GET http://proxy.example/a/b?c HTTP/1.1\r\nHost: h\r\n\r\n").status, Status::complete);

  const HttpRequest request = parser.take();

  EXPECT_EQ(request.path, "/a/b");
  EXPECT_EQ(request.query, "c");
}

TEST(HttpParser, TheAuthorityOfAnAbsoluteTargetTakesThePlaceOfHost) {
  HttpParser parser;
  ASSERT_EQ(parser.feed("GET HTTP://own.example:8?q HTTP/1.1\r\nHost: other\r\n\r\n").status, Status::complete);

  const HttpRequest request = parser.take();

  EXPECT_EQ(request.header("host"), "own.example:8");
  EXPECT_EQ(request.path, "/");
  EXPECT_EQ(request.query, "q");
}

TEST(HttpParser, DropsTrailersWhateverTheyAreCalled) {
  const std::string bytes = with_headers(
      "Transfer-Encoding: chunked\r\nX-Forwarded-For: 192.0.2.1\r\nX: own\r\n",
      "2\r\nab\r\n0\r\nX-Forwarded-For: 198.51.100.1\r\nAuthorization: Bearer t\r\nHost: evil\r\nx-signal-dev: 1\r\n"
      "Connection: close\r\nX: theirs\r\n\r\n");
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, bytes.size()}) {
    HttpParser parser;
    auto progress = parser.feed({});
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      progress = parser.feed(std::string_view(bytes).substr(at, step));
      ASSERT_NE(progress.status, Status::failed) << at;
    }
    ASSERT_EQ(progress.status, Status::complete);
    EXPECT_TRUE(parser.keep_alive());
    const HttpRequest request = parser.take();
    EXPECT_EQ(request.list("X-Forwarded-For"), "192.0.2.1");
    EXPECT_EQ(request.list("Host"), "h");
    EXPECT_EQ(request.list("X"), "own");
    EXPECT_FALSE(request.has_header("Authorization"));
    EXPECT_FALSE(request.has_header("x-signal-dev"));
    EXPECT_EQ(request.headers.size(), 4U);
    EXPECT_EQ(request.body, "ab");
  }
}

TEST(HttpParser, EmptyLinesBeforeARequestAreCounted) {
  EXPECT_EQ(HttpParser::empty_lines("\r\n\r\nGET"), 4U);
  EXPECT_EQ(HttpParser::empty_lines("\r\n\r"), 2U);
  EXPECT_EQ(HttpParser::empty_lines("GET\r\n"), 0U);
}

}  // namespace
}  // namespace nx::transport
