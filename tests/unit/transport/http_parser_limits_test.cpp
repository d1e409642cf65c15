// How large a request may be, and how much memory it may take.

#include <string>

#include <gtest/gtest.h>

#include "unit/transport/http_requests.hpp"

namespace nx::transport {
namespace {

using Status = HttpParser::Status;

TEST(HttpParserLimits, BoundsWhatChunksCostBesideTheirData) {
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

TEST(HttpParserLimits, BoundsTheFieldsOfAHeadAndOfATrailer) {
  const std::size_t most = HttpParser::kMaxFields;
  EXPECT_EQ(refusal_of(with_headers(many_fields(most - 1))), 0);  // and Host
  EXPECT_EQ(refusal_of(with_headers(many_fields(most))), 431);
  const auto with_trailer = [](std::size_t fields) {
    return with_headers("Transfer-Encoding: chunked\r\n", "0\r\n" + many_fields(fields) + "\r\n");
  };
  EXPECT_EQ(refusal_of(with_trailer(most)), 0);
  EXPECT_EQ(refusal_of(with_trailer(most + 1)), 431);
}

TEST(HttpParserLimits, CountsTheMemoryOfFieldsWithTheirText) {
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

TEST(HttpParserLimits, TakesABodyOfExactlyTheLimit) {
  HttpParser parser;
  EXPECT_EQ(parser.feed(with_headers("Content-Length: 65536\r\n", std::string(65'536, 'x'))).status, Status::complete);
  EXPECT_EQ(parser.take().body.size(), 65'536U);
}

TEST(HttpParserLimits, TakesAHeadWithinTheLimitAndRefusesOneOverItInSmallPieces) {
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

TEST(HttpParserLimits, BoundsAChunkHeaderThatNeverEnds) {
  HttpParser parser;
  auto progress = parser.feed(with_headers("Transfer-Encoding: chunked\r\n", "1;"));
  for (int i = 0; i < 40 && progress.status == Status::need_more; ++i) progress = parser.feed(std::string(1'000, 'e'));
  EXPECT_EQ(progress.status, Status::failed);
}

}  // namespace
}  // namespace nx::transport
