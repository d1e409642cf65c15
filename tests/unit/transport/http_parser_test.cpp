#include "transport/http_parser.hpp"

#include <string>

#include <gtest/gtest.h>

namespace nx::transport {
namespace {

using Status = HttpParser::Status;

int refusal_of(const std::string& bytes) {
  HttpParser parser;
  const auto progress = parser.feed(bytes);
  return progress.status == Status::failed ? progress.error_status : 0;
}

std::string with_headers(const std::string& headers, const std::string& body = {}) {
  return "POST /x HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n" + body;
}

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

TEST(HttpParser, ShowsAFieldOfAHeadThatWillBeRefused) {
  HttpParser parser;
  const auto progress =
      parser.feed("GET / HTTP/1.1\r\norigin:  https://pos.example \r\nX: " + std::string(20'000, 'x'));
  EXPECT_EQ(progress.error_status, 431);
  EXPECT_EQ(parser.field_so_far("Origin"), "https://pos.example");
  EXPECT_EQ(parser.field_so_far("X"), "");
  HttpParser later;
  EXPECT_EQ(later.feed(with_headers("Origin: https://pos.example\r\nContent-Length: 70000\r\n")).error_status, 413);
  EXPECT_EQ(later.field_so_far("Origin"), "https://pos.example");
}

TEST(HttpParser, BoundsWhatChunksCostBesideTheirData) {
  HttpParser parser;
  auto progress = parser.feed(with_headers("Transfer-Encoding: chunked\r\n"));
  const std::string chunk = "1;" + std::string(1'000, 'e') + "\r\nx\r\n";
  std::size_t sent = 0;
  for (; progress.status == Status::need_more && sent < 4'000'000; sent += chunk.size()) progress = parser.feed(chunk);
  EXPECT_EQ(progress.error_status, 413);
  EXPECT_LE(sent, HttpParser::kMaxChunkedBytes + 2 * chunk.size());
}

std::string many_fields(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += "a:\r\n";
  return out;
}

TEST(HttpParser, BoundsTheFieldsOfAHeadAndOfATrailer) {
  const std::size_t most = HttpParser::kMaxFields;
  EXPECT_EQ(refusal_of(with_headers(many_fields(most - 1))), 0);  // and Host
  EXPECT_EQ(refusal_of(with_headers(many_fields(most))), 431);
  const auto with_trailer = [](std::size_t fields) {
    return with_headers("Transfer-Encoding: chunked\r\n", "0\r\n" + many_fields(fields) + "\r\n");
  };
  EXPECT_EQ(refusal_of(with_trailer(most)), 0);
  EXPECT_EQ(refusal_of(with_trailer(most + 1)), 431);
}

TEST(HttpParser, CountsTheMemoryOfFieldsWithTheirText) {
  HttpParser whole;
  ASSERT_EQ(whole.feed(with_headers("Content-Length: 9\r\n" + many_fields(90))).status, Status::need_more);
  ASSERT_TRUE(whole.head_complete());
  EXPECT_GE(whole.held_bytes(), 92 * sizeof(HttpHeader));

  HttpParser half;
  half.feed("POST /x HTTP/1.1\r\n");
  const std::size_t before = half.held_bytes();
  const std::string value(10'000, 'v');
  half.feed("Host: h\r\n" + many_fields(90) + "X: " + value + "\r\n");
  EXPECT_GE(half.held_bytes(), before + 92 * 40);

  HttpParser long_value;
  ASSERT_EQ(long_value.feed(with_headers("Content-Length: 9\r\nX: " + value + "\r\n")).status, Status::need_more);
  EXPECT_GE(long_value.held_bytes(), value.size());
}

struct Bad {
  const char* name;
  std::string bytes;
  int status = 400;
};
class BadRequest : public testing::TestWithParam<Bad> {};

TEST_P(BadRequest, IsRefused) {
  EXPECT_EQ(refusal_of(GetParam().bytes), GetParam().status);
}

INSTANTIATE_TEST_SUITE_P(
    HttpParser, BadRequest,
    testing::Values(
        Bad{"LengthAndChunked", with_headers("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
        Bad{"ChunkedAndLength", with_headers("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n")},
        Bad{"TwoLengths", with_headers("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd")},
        Bad{"TwoEqualLengths", with_headers("Content-Length: 3\r\nContent-Length: 3\r\n", "abc")},
        Bad{"LengthList", with_headers("Content-Length: 3, 3\r\n", "abc")},
        Bad{"SignedLength", with_headers("Content-Length: +3\r\n", "abc")},
        Bad{"NegativeLength", with_headers("Content-Length: -1\r\n")},
        Bad{"HexLength", with_headers("Content-Length: 0x3\r\n", "abc")},
        Bad{"EmptyLength", with_headers("Content-Length:\r\n")},
        Bad{"LengthThatOverflows", with_headers("Content-Length: 18446744073709551617\r\n", "a")},
        Bad{"TwoEncodings", with_headers("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n")},
        Bad{"ForeignEncoding", with_headers("Transfer-Encoding: gzip\r\n")},
        Bad{"ChunkedInside", with_headers("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n")},
        Bad{"ObscuredChunked", with_headers("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")},
        Bad{"ChunkedInHttp10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        Bad{"SpaceBeforeColon", with_headers("Content-Length : 3\r\n", "abc")},
        Bad{"LengthInTrailer", with_headers("Transfer-Encoding: chunked\r\n", "0\r\nContent-Length: 3\r\n\r\n")},
        Bad{"BadChunkSize", with_headers("Transfer-Encoding: chunked\r\n", "zz\r\n")},
        Bad{"ChunkSizeThatOverflows", with_headers("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n")},
        Bad{"NoHost", "GET / HTTP/1.1\r\n\r\n"}, Bad{"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
        Bad{"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"}, Bad{"NoVersion", "GET /\r\n\r\n"},
        Bad{"ControlInTarget", "GET /\x01 HTTP/1.1\r\nHost: h\r\n\r\n"},
        Bad{"TargetWithoutSlash", "GET v1/notifications HTTP/1.1\r\nHost: h\r\n\r\n"},
        Bad{"TargetOfAQueryAlone", "GET ? HTTP/1.1\r\nHost: h\r\n\r\n"},
        Bad{"AsteriskOfGet", "GET * HTTP/1.1\r\nHost: h\r\n\r\n"},
        Bad{"ForeignScheme", "GET ftp://h/ HTTP/1.1\r\nHost: h\r\n\r\n"},
        Bad{"Userinfo", "GET http://u@h/ HTTP/1.1\r\nHost: h\r\n\r\n"},
        Bad{"NoAuthority", "GET http:///x HTTP/1.1\r\nHost: h\r\n\r\n"},
        Bad{"FoldedLine", with_headers("X: a\r\n b\r\n")}, Bad{"FoldedByTab", with_headers("X: a\r\n\tb\r\n")},
        Bad{"FoldedFirstLine", "GET / HTTP/1.1\r\n Host: h\r\n\r\n"},
        Bad{"TlsHello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01", 8)},
        Bad{"NulInHeader", with_headers(std::string("X: a\0b\r\n", 8))},
        Bad{"HugeBodyAnnounced", with_headers("Content-Length: 65537\r\n"), 413},
        Bad{"HugeChunk", with_headers("Transfer-Encoding: chunked\r\n", "10001\r\n" + std::string(65'537, 'x')), 413},
        Bad{"HugeHead", with_headers("X: " + std::string(20'000, 'x') + "\r\n"), 431},
        Bad{"HeadThatNeverEnds", "GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x'), 431},
        Bad{"TargetThatNeverEnds", "GET /" + std::string(20'000, 'x'), 431}),
    [](const testing::TestParamInfo<Bad>& row) { return row.param.name; });

TEST(HttpParser, RefusesAFoldedLineAtEverySplit) {
  for (const std::string& bytes : {with_headers("A: a\r\nX: a\r\n b\r\nC: c\r\n"), with_headers("X: a\r\n\tb\r\n")}) {
    for (std::size_t step = 1; step < bytes.size(); ++step) {
      HttpParser parser;
      HttpParser::Progress progress;
      for (std::size_t at = 0; at < bytes.size() && progress.status == Status::need_more; at += step)
        progress = parser.feed(std::string_view(bytes).substr(at, step));
      EXPECT_EQ(progress.error_status, 400) << step;
    }
  }
}

TEST(HttpParser, TakesABodyOfExactlyTheLimit) {
  HttpParser parser;
  EXPECT_EQ(parser.feed(with_headers("Content-Length: 65536\r\n", std::string(65'536, 'x'))).status, Status::complete);
  EXPECT_EQ(parser.take().body.size(), 65'536U);
}

TEST(HttpParser, TakesAHeadWithinTheLimitAndRefusesOneOverItInSmallPieces) {
  const auto outcome = [](std::size_t head_bytes) {
    const std::string start = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
    const std::string head = start + std::string(head_bytes - start.size() - 4, 'x') + "\r\n\r\n";
    HttpParser parser;
    HttpParser::Progress progress;
    for (std::size_t at = 0; at < head.size() && progress.status == Status::need_more; at += 1'000) {
      progress = parser.feed(std::string_view(head).substr(at, 1'000));
    }
    return progress.status == Status::failed ? progress.error_status : 0;
  };
  EXPECT_EQ(outcome(HttpParser::kMaxHeadBytes - 100), 0);
  EXPECT_EQ(outcome(HttpParser::kMaxHeadBytes + 100), 431);
}

TEST(HttpParser, BoundsAChunkHeaderThatNeverEnds) {
  HttpParser parser;
  auto progress = parser.feed(with_headers("Transfer-Encoding: chunked\r\n", "1;"));
  for (int i = 0; i < 40 && progress.status == Status::need_more; ++i) progress = parser.feed(std::string(1'000, 'e'));
  EXPECT_EQ(progress.status, Status::failed);
}

}  // namespace
}  // namespace nx::transport
