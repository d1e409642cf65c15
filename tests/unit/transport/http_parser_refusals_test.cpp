// Requests that are refused, and with which status.

#include <string>

#include <gtest/gtest.h>

#include "unit/transport/http_requests.hpp"

namespace nx::transport {
namespace {

using Status = HttpParser::Status;

struct Bad {
  const char* name;
  std::string bytes;
  int status = 400;
};
class HttpParserRefusalsBadRequest : public testing::TestWithParam<Bad> {};

TEST_P(HttpParserRefusalsBadRequest, IsRefused) {
  EXPECT_EQ(refusal_of(GetParam().bytes), GetParam().status);
}

INSTANTIATE_TEST_SUITE_P(
    HttpParser, HttpParserRefusalsBadRequest,
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

TEST(HttpParserRefusals, RefusesAFoldedLineAtEverySplit) {
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

TEST(HttpParserRefusals, ShowsAFieldOfAHeadThatWillBeRefused) {
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

}  // namespace
}  // namespace nx::transport
