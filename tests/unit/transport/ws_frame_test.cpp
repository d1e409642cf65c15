#include "transport/ws_frame.hpp"

#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client_frames.hpp"

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
using testing::IsEmpty;

TEST(WsFrame, ReadsTheMaskedHelloOfRfc6455Section5_7) {
  const std::string hello("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11);

  EXPECT_THAT(events_of(hello), ElementsAre(message("Hello")));
}

TEST(WsFrame, StaysSmallWhileIdle) {
  EXPECT_LE(sizeof(FrameParser), 64U);
  FrameParser parser(1'000);
  std::vector<Seen> seen;

  feed(parser, text("whole").append(text("frames")), seen);
  EXPECT_TRUE(parser.idle());

  feed(parser, text("a part").substr(0, 9), seen);
  EXPECT_FALSE(parser.idle());
  feed(parser, text("a part").substr(9), seen);
  EXPECT_TRUE(parser.idle());
  EXPECT_THAT(seen, ElementsAre(message("whole"), message("frames"), message("a part")));
}

TEST(WsFrame, ReadsEverySizeWhereTheLengthFormChanges) {
  for (const std::size_t size : {0U, 1U, 7U, 8U, 9U, 125U, 126U, 127U, 65'535U, 65'536U, 131'071U, 131'072U}) {
    std::string payload(size, 'x');
    for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>('a' + i % 23);
    EXPECT_THAT(events_of(text(payload)), ElementsAre(message(payload))) << size;
  }
}

TEST(WsFrame, AnswersAMessageOneByteOverTheLimitWith1009BeforeItsPayloadArrives) {
  EXPECT_EQ(failure_of(text(std::string(131'073, 'x'))), 1009);
  EXPECT_EQ(failure_of(text(std::string(131'073, 'x')).substr(0, 14)), 1009);
  EXPECT_EQ(failure_of(bytes_of({.payload = "12345"}), 5), 0);
  EXPECT_EQ(failure_of(bytes_of({.payload = "123456"}), 5), 1009);
}

TEST(WsFrame, HoldsFragmentsTogetherAgainstTheSameLimit) {
  const std::string three = bytes_of({.payload = "123", .final = false});

  EXPECT_THAT(events_of(three + bytes_of({.opcode = 0, .payload = "45"}), 5),
              ElementsAre(fragment("123"), message("12345")));
  EXPECT_EQ(failure_of(three + bytes_of({.opcode = 0, .payload = "456"}), 5), 1009);
}

TEST(WsFrame, SaysEveryFragmentSoThatItCanBeCounted) {
  const std::string empty = bytes_of({.opcode = 0, .payload = "", .final = false});
  const std::string stream =
      bytes_of({.payload = "a", .final = false}) + empty + empty + bytes_of({.opcode = 0, .payload = "b"});
  EXPECT_THAT(events_of(stream), ElementsAre(fragment("a"), fragment(""), fragment(""), message("ab")));
}

TEST(WsFrame, WhatIsUnfinishedIsCountedAndCanBeGivenUp) {
  FrameParser parser(100'000);
  EXPECT_EQ(parser.buffered_bytes(), 0U);
  std::vector<Seen> seen;
  feed(parser, bytes_of({.payload = std::string(40'000, 'x'), .final = false}), seen);
  feed(parser, bytes_of({.opcode = 0, .payload = std::string(40'000, 'y')}).substr(0, 30'000), seen);
  EXPECT_GE(parser.buffered_bytes(), 70'000U);
  parser.abandon();
  EXPECT_EQ(parser.buffered_bytes(), 0U);
  feed(parser, text("more"), seen);
  EXPECT_EQ(seen.size(), 1U);
}

TEST(WsFrame, TheLimitCanBeRaised) {
  FrameParser parser(3);
  std::vector<Seen> seen;
  feed(parser, text("abc"), seen);
  parser.set_limit(4);
  feed(parser, text("abcd") + text("abcde"), seen);
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[1].payload, "abcd");
  EXPECT_EQ(seen[2].code, 1009);
}

TEST(WsFrame, JoinsFragmentsAndLetsControlFramesBetweenThemThroughAtOnce) {
  const std::string stream = bytes_of({.payload = "one ", .final = false}) + bytes_of({.opcode = 9, .payload = "p"}) +
                             bytes_of({.opcode = 0, .payload = "two ", .final = false}) + bytes_of({.opcode = 10}) +
                             bytes_of({.opcode = 0, .payload = "", .final = false}) +
                             bytes_of({.opcode = 0, .payload = "three"}) + text("next");

  EXPECT_THAT(events_of(stream),
              ElementsAre(fragment("one "), ping("p"), fragment("two "), Seen{.kind = WsEvent::Kind::pong},
                          fragment(""), message("one two three"), message("next")));
}

TEST(WsFrame, SaysWhichMessagesWereBinaryAlsoInFragments) {
  const std::string stream = bytes_of({.opcode = 2, .payload = "a"}) +
                             bytes_of({.opcode = 2, .payload = "b", .final = false}) +
                             bytes_of({.opcode = 0, .payload = "c"});

  EXPECT_THAT(events_of(stream),
              ElementsAre(Seen{WsEvent::Kind::message, true, 0, "a"}, Seen{WsEvent::Kind::fragment, true, 0, "b"},
                          Seen{WsEvent::Kind::message, true, 0, "bc"}));
}

TEST(WsFrame, GivesTheSameEventsAtEverySplitOfTheInput) {
  const std::string stream = text("first") + bytes_of({.opcode = 2, .payload = "\xE2\x82", .final = false}) +
                             bytes_of({.opcode = 9, .payload = "between"}) +
                             bytes_of({.opcode = 0, .payload = "\xAC!"}) + text(std::string(300, 'y')) + text("") +
                             bytes_of({.opcode = 8, .payload = close_payload(4000, "bye")}) + text("ignored");
  const std::vector<Seen> whole = events_of(stream);
  ASSERT_EQ(whole.size(), 7U);

  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (const std::size_t second : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{7}}) {
      FrameParser parser(131'072);
      std::vector<Seen> seen;
      feed(parser, stream.substr(0, first), seen);
      feed(parser, stream.substr(first, second), seen);
      if (first + second <= stream.size()) feed(parser, stream.substr(first + second), seen);
      ASSERT_EQ(seen, whole) << "split at " << first << " and " << second << " later";
    }
  }
  FrameParser parser(131'072);
  std::vector<Seen> byte_by_byte;
  for (const char byte : stream) feed(parser, std::string(1, byte), byte_by_byte);
  EXPECT_EQ(byte_by_byte, whole);
}

TEST(WsFrame, UnmasksWithEveryMask) {
  for (const std::array<unsigned char, 4> mask :
       {std::array<unsigned char, 4>{0, 0, 0, 0}, {1, 2, 3, 4}, {255, 255, 255, 255}}) {
    EXPECT_THAT(events_of(bytes_of({.payload = "a text of 21 letters!", .mask = mask})),
                ElementsAre(message("a text of 21 letters!")));
  }
}

TEST(WsFrame, LetsTheCallerStopAtAnEventAndGoOnFromThere) {
  FrameParser parser(1'000);
  std::string stream = text("one") + text("two");
  std::span<char> input(stream);

  EXPECT_EQ(parser.next(input).payload, "one");
  EXPECT_EQ(input.size(), text("two").size());
  EXPECT_EQ(parser.next(input).payload, "two");
  EXPECT_EQ(parser.next(input).kind, WsEvent::Kind::need_more);
  EXPECT_TRUE(input.empty());
}

TEST(WsFrame, MovesWithAMessageUnderWay) {
  FrameParser first(1'000);
  std::vector<Seen> seen;
  feed(first, bytes_of({.payload = "begun ", .final = false}), seen);

  FrameParser second(std::move(first));
  feed(second, bytes_of({.opcode = 0, .payload = "ended"}), seen);

  EXPECT_THAT(seen, ElementsAre(fragment("begun "), message("begun ended")));
}

TEST(WsFrame, ReportsNothingForNothing) {
  EXPECT_THAT(events_of(""), IsEmpty());
}

}  // namespace
}  // namespace nx::transport
