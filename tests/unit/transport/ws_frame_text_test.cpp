// Text that is not UTF-8: where it is refused, and where it is taken.

#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client_frames.hpp"
#include "transport/ws_frame.hpp"

namespace nx::transport {
namespace {

using test::bytes_of;
using test::close_payload;
using test::events_of;
using test::failure_of;
using test::feed;
using test::fragment;
using test::message;
using test::ping;
using test::Seen;
using test::text;
using testing::ElementsAre;

TEST(WsFrameText, FailsInvalidUtf8InTextBinaryAndCloseReasonWith1007) {
  const std::string reason = close_payload(1000, "\xFF");

  EXPECT_EQ(failure_of(text("ok \xC0\xAF")), 1007);
  EXPECT_EQ(failure_of(bytes_of({.opcode = 2, .payload = "\xED\xA0\x80"})), 1007);
  EXPECT_EQ(failure_of(bytes_of({.opcode = 8, .payload = reason})), 1007);
  EXPECT_EQ(failure_of(text("cut \xE2\x82")), 1007);
}

TEST(WsFrameText, LetsACharacterSpanFragmentsButNotTheMessagesEnd) {
  const std::string start = bytes_of({.payload = "\xF0\x9F", .final = false});

  EXPECT_THAT(events_of(start + bytes_of({.opcode = 0, .payload = "\x98\x80"})),
              ElementsAre(fragment("\xF0\x9F"), message("\xF0\x9F\x98\x80")));
  EXPECT_EQ(failure_of(start + bytes_of({.opcode = 0, .payload = "\x98"})), 1007);
  EXPECT_EQ(failure_of(start + bytes_of({.opcode = 0, .payload = "x"})), 1007);
  EXPECT_EQ(failure_of(bytes_of({.payload = "\xFF", .final = false})), 1007) << "found in the fragment, not at the end";
}

TEST(WsFrameText, DoesNotCarryUtf8StateIntoTheNextMessage) {
  const std::string stream = bytes_of({.payload = "a", .final = false}) + bytes_of({.opcode = 0, .payload = "b"}) +
                             bytes_of({.payload = "\xE2\x82", .final = false}) +
                             bytes_of({.opcode = 0, .payload = "\xAC"});

  EXPECT_THAT(events_of(stream),
              ElementsAre(fragment("a"), message("ab"), fragment("\xE2\x82"), message("\xE2\x82\xAC")));
}

// The number of bytes with which the failure comes; 0 when none comes. One at a time, as from the slowest peer.
std::size_t failed_after(const std::string& stream) {
  FrameParser parser(131'072);
  std::vector<Seen> seen;
  for (std::size_t at = 0; at < stream.size(); ++at) {
    feed(parser, stream.substr(at, 1), seen);
    if (!seen.empty() && seen.back().kind == WsEvent::Kind::error) return seen.back().code == 1007 ? at + 1 : 0;
  }
  return 0;
}

TEST(WsFrameText, FailsInvalidUtf8WithoutWaitingForTheRestOfItsFrame) {
  const std::string valid = "\xCE\xBA\xE1\xBD\xB9 1234567890";
  const std::string rest(300, 'x');
  const std::string payload = valid + "\xF4\x90" + rest;  // above U+10FFFF by its second byte
  const std::size_t header = 8;

  EXPECT_EQ(failed_after(text(payload)), header + valid.size() + 2);
  EXPECT_EQ(failed_after(bytes_of({.opcode = 2, .payload = payload})), header + valid.size() + 2);
  EXPECT_EQ(failed_after(bytes_of({.payload = payload, .final = false})), header + valid.size() + 2);
  const std::string first = bytes_of({.payload = "begun \xF4", .final = false});
  EXPECT_EQ(failed_after(first + bytes_of({.opcode = 0, .payload = "\x90" + rest})), first.size() + header + 1);
  EXPECT_EQ(failure_of(text(payload).substr(0, header + valid.size() + 2)), 1007) << "in one piece";
}

TEST(WsFrameText, FailsACharacterThatTheEndOfASlowMessageCutsOff) {
  const std::string cut = text("cut \xE2\x82");

  EXPECT_EQ(failed_after(cut), cut.size());
}

TEST(WsFrameText, LeavesPingsBetweenTheBytesOfACharacterUncheckedHoweverTheyArrive) {
  const std::string stream = bytes_of({.payload = "\xF0\x9F", .final = false}) +
                             bytes_of({.opcode = 9, .payload = "\xFF\xFE"}) +
                             bytes_of({.opcode = 0, .payload = "\x98\x80"});
  FrameParser parser(1'000);
  std::vector<Seen> seen;

  for (const char byte : stream) feed(parser, std::string(1, byte), seen);

  EXPECT_THAT(seen, ElementsAre(fragment("\xF0\x9F"), ping("\xFF\xFE"), message("\xF0\x9F\x98\x80")));
}

TEST(WsFrameText, TakesAnyBinaryMessageWhereItIsToldTo) {
  const std::string stream =
      bytes_of({.opcode = 2, .payload = "\xFE\xFF"}) + bytes_of({.opcode = 2, .payload = "\xFE", .final = false}) +
      bytes_of({.opcode = 0, .payload = "\xE2"}) + bytes_of({.payload = "\xE2\x82", .final = false}) +
      bytes_of({.opcode = 0, .payload = "\xAC"}) + text("\xFE");
  for (const std::size_t step : {stream.size(), std::size_t{1}, std::size_t{5}}) {
    FrameParser parser(1'000, BinaryContent::any);
    std::vector<Seen> seen;
    for (std::size_t at = 0; at < stream.size(); at += step) feed(parser, stream.substr(at, step), seen);
    ASSERT_EQ(seen.size(), 6U) << step;
    EXPECT_EQ(seen[0], (Seen{WsEvent::Kind::message, true, 0, "\xFE\xFF"}));
    EXPECT_EQ(seen[1], (Seen{WsEvent::Kind::fragment, true, 0, "\xFE"}));
    EXPECT_EQ(seen[2], (Seen{WsEvent::Kind::message, true, 0, "\xFE\xE2"}));
    EXPECT_EQ(seen[4], message("\xE2\x82\xAC"));
    EXPECT_EQ(seen[5].code, 1007) << "a text is checked all the same";
  }
}

TEST(WsFrameText, LeavesPingPayloadsUnchecked) {
  EXPECT_THAT(events_of(bytes_of({.opcode = 9, .payload = "\xFF\xFE"})), ElementsAre(ping("\xFF\xFE")));
}

}  // namespace
}  // namespace nx::transport
