#include <gtest/gtest.h>

#include "model/utf8.hpp"
#include "transport/ws_frame.hpp"

namespace nx::transport {
namespace {

using namespace std::string_literals;

TEST(WsServerFrame, WritesTheUnmaskedExamplesOfRfc6455Section5_7) {
  std::string out;

  append_frame(out, WsOpcode::text, "Hello");
  EXPECT_EQ(out, "\x81\x05Hello");

  out.clear();
  append_frame_header(out, WsOpcode::binary, 256);
  EXPECT_EQ(out, "\x82\x7E\x01\x00"s);

  out.clear();
  append_frame_header(out, WsOpcode::binary, 65'536);
  EXPECT_EQ(out, "\x82\x7F\x00\x00\x00\x00\x00\x01\x00\x00"s);
}

TEST(WsServerFrame, SizesItsHeaderAsItWritesIt) {
  for (const std::size_t size : {0U, 125U, 126U, 65'535U, 65'536U, 1U << 20U}) {
    std::string out;
    append_frame_header(out, WsOpcode::text, size);
    EXPECT_EQ(out.size(), frame_header_size(size)) << size;
    EXPECT_LE(out.size(), kMaxServerHeader);
  }
}

TEST(WsServerFrame, WritesCloseWithCodeAndReason) {
  std::string out;
  append_close(out, 4001, "Authentication timeout");
  EXPECT_EQ(out,
            "\x88\x18\x0F\xA1"
            "Authentication timeout");

  out.clear();
  append_close(out, WsCloseCode::kNoneReceived, "dropped");
  EXPECT_EQ(out, "\x88\x00"s);
}

TEST(WsServerFrame, CutsALongCloseReasonBetweenCharacters) {
  std::string reason(122, 'x');
  reason += "\xE2\x82\xAC and more";
  std::string out;

  append_close(out, 1000, reason);

  EXPECT_EQ(out.size(), 2U + 2U + 122U);
  EXPECT_TRUE(is_utf8(std::string_view(out).substr(4)));
}

TEST(WsServerFrame, CutsPingAndPongAt125Bytes) {
  std::string out;
  append_ping(out, std::string(200, 'p'));
  EXPECT_EQ(out, std::string(125, 'p').insert(0, "\x89\x7D"));

  out.clear();
  append_pong(out, "same");
  EXPECT_EQ(out, "\x8A\x04same");
}

TEST(WsServerFrameFirstEnd, WalksAQueueFrameByFrame) {
  std::string queue;
  std::vector<std::size_t> ends;
  for (const std::size_t size : {0U, 5U, 126U, 70'000U}) {
    append_frame(queue, WsOpcode::text, std::string(size, 'x'));
    ends.push_back(queue.size());
  }

  std::size_t at = 0;
  for (const std::size_t end : ends) {
    at += first_frame_end(std::string_view(queue).substr(at));
    EXPECT_EQ(at, end);
  }
  EXPECT_EQ(first_frame_end(std::string_view(queue).substr(at)), 0U);
}

TEST(WsServerFrameFirstEnd, IsZeroForEveryIncompleteFrame) {
  std::string frame;
  append_frame(frame, WsOpcode::text, std::string(200, 'x'));

  for (std::size_t size = 0; size < frame.size(); ++size) {
    ASSERT_EQ(first_frame_end(std::string_view(frame).substr(0, size)), 0U) << size;
  }
  EXPECT_EQ(first_frame_end("\x81\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFFxx"), 0U) << "a length that would overflow";
}

}  // namespace
}  // namespace nx::transport
