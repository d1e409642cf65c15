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

constexpr auto kClose = WsEvent::Kind::close;

TEST(FrameParser, ReadsTheMaskedHelloOfRfc6455Section5_7) {
  const std::string hello("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11);

  EXPECT_THAT(events_of(hello), ElementsAre(message("Hello")));
}

TEST(FrameParser, StaysSmallWhileIdle) {
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

TEST(FrameParser, ReadsEverySizeWhereTheLengthFormChanges) {
  for (const std::size_t size : {0U, 1U, 7U, 8U, 9U, 125U, 126U, 127U, 65'535U, 65'536U, 131'071U, 131'072U}) {
    std::string payload(size, 'x');
    for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>('a' + i % 23);
    EXPECT_THAT(events_of(text(payload)), ElementsAre(message(payload))) << size;
  }
}

TEST(FrameParser, AnswersAMessageOneByteOverTheLimitWith1009BeforeItsPayloadArrives) {
  EXPECT_EQ(failure_of(text(std::string(131'073, 'x'))), 1009);
  EXPECT_EQ(failure_of(text(std::string(131'073, 'x')).substr(0, 14)), 1009);
  EXPECT_EQ(failure_of(bytes_of({.payload = "12345"}), 5), 0);
  EXPECT_EQ(failure_of(bytes_of({.payload = "123456"}), 5), 1009);
}

TEST(FrameParser, HoldsFragmentsTogetherAgainstTheSameLimit) {
  const std::string three = bytes_of({.payload = "123", .final = false});

  EXPECT_THAT(events_of(three + bytes_of({.opcode = 0, .payload = "45"}), 5),
              ElementsAre(fragment("123"), message("12345")));
  EXPECT_EQ(failure_of(three + bytes_of({.opcode = 0, .payload = "456"}), 5), 1009);
}

TEST(FrameParser, SaysEveryFragmentSoThatItCanBeCounted) {
  const std::string empty = bytes_of({.opcode = 0, .payload = "", .final = false});
  const std::string stream =
      bytes_of({.payload = "a", .final = false}) + empty + empty + bytes_of({.opcode = 0, .payload = "b"});
  EXPECT_THAT(events_of(stream), ElementsAre(fragment("a"), fragment(""), fragment(""), message("ab")));
}

TEST(FrameParser, WhatIsUnfinishedIsCountedAndCanBeGivenUp) {
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

TEST(FrameParser, TheLimitCanBeRaised) {
  FrameParser parser(3);
  std::vector<Seen> seen;
  feed(parser, text("abc"), seen);
  parser.set_limit(4);
  feed(parser, text("abcd") + text("abcde"), seen);
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[1].payload, "abcd");
  EXPECT_EQ(seen[2].code, 1009);
}

TEST(FrameParser, JoinsFragmentsAndLetsControlFramesBetweenThemThroughAtOnce) {
  const std::string stream = bytes_of({.payload = "one ", .final = false}) + bytes_of({.opcode = 9, .payload = "p"}) +
                             bytes_of({.opcode = 0, .payload = "two ", .final = false}) + bytes_of({.opcode = 10}) +
                             bytes_of({.opcode = 0, .payload = "", .final = false}) +
                             bytes_of({.opcode = 0, .payload = "three"}) + text("next");

  EXPECT_THAT(events_of(stream),
              ElementsAre(fragment("one "), ping("p"), fragment("two "), Seen{.kind = WsEvent::Kind::pong},
                          fragment(""), message("one two three"), message("next")));
}

TEST(FrameParser, SaysWhichMessagesWereBinaryAlsoInFragments) {
  const std::string stream = bytes_of({.opcode = 2, .payload = "a"}) +
                             bytes_of({.opcode = 2, .payload = "b", .final = false}) +
                             bytes_of({.opcode = 0, .payload = "c"});

  EXPECT_THAT(events_of(stream),
              ElementsAre(Seen{WsEvent::Kind::message, true, 0, "a"}, Seen{WsEvent::Kind::fragment, true, 0, "b"},
                          Seen{WsEvent::Kind::message, true, 0, "bc"}));
}

TEST(FrameParser, GivesTheSameEventsAtEverySplitOfTheInput) {
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

TEST(FrameParser, UnmasksWithEveryMask) {
  for (const std::array<unsigned char, 4> mask :
       {std::array<unsigned char, 4>{0, 0, 0, 0}, {1, 2, 3, 4}, {255, 255, 255, 255}}) {
    EXPECT_THAT(events_of(bytes_of({.payload = "a text of 21 letters!", .mask = mask})),
                ElementsAre(message("a text of 21 letters!")));
  }
}

TEST(FrameParser, LetsTheCallerStopAtAnEventAndGoOnFromThere) {
  FrameParser parser(1'000);
  std::string stream = text("one") + text("two");
  std::span<char> input(stream);

  EXPECT_EQ(parser.next(input).payload, "one");
  EXPECT_EQ(input.size(), text("two").size());
  EXPECT_EQ(parser.next(input).payload, "two");
  EXPECT_EQ(parser.next(input).kind, WsEvent::Kind::need_more);
  EXPECT_TRUE(input.empty());
}

TEST(FrameParser, MovesWithAMessageUnderWay) {
  FrameParser first(1'000);
  std::vector<Seen> seen;
  feed(first, bytes_of({.payload = "begun ", .final = false}), seen);

  FrameParser second(std::move(first));
  feed(second, bytes_of({.opcode = 0, .payload = "ended"}), seen);

  EXPECT_THAT(seen, ElementsAre(fragment("begun "), message("begun ended")));
}

// RFC 6455 §5.1, §5.2, §5.4, §5.5: what ends a connection with 1002.
struct Fault {
  const char* name;
  std::string stream;
};
class ProtocolFault : public testing::TestWithParam<Fault> {};

TEST_P(ProtocolFault, FailsTheConnectionWith1002AndSwallowsTheRest) {
  EXPECT_EQ(failure_of(GetParam().stream), 1002);

  const std::vector<Seen> with_more = events_of(GetParam().stream + text("more"));
  EXPECT_EQ(with_more, events_of(GetParam().stream));
}

const std::string kLong(126, 'x');
const std::string kTooShortForEight(65'535, 'x');
const std::string kUndefinedCode = close_payload(999);

INSTANTIATE_TEST_SUITE_P(
    FrameParser, ProtocolFault,
    testing::Values(Fault{"NotMasked", bytes_of({.payload = "x", .masked = false})},
                    Fault{"ReservedBit1", bytes_of({.payload = "x", .reserved = 4})},
                    Fault{"ReservedBit2", bytes_of({.payload = "x", .reserved = 2})},
                    Fault{"ReservedBit3", bytes_of({.payload = "x", .reserved = 1})},
                    Fault{"Opcode3", bytes_of({.opcode = 3})}, Fault{"Opcode7", bytes_of({.opcode = 7})},
                    Fault{"Opcode11", bytes_of({.opcode = 11})}, Fault{"Opcode15", bytes_of({.opcode = 15})},
                    Fault{"FragmentedPing", bytes_of({.opcode = 9, .final = false})},
                    Fault{"FragmentedClose", bytes_of({.opcode = 8, .final = false})},
                    Fault{"LongPing", bytes_of({.opcode = 9, .payload = kLong})},
                    Fault{"LongPong", bytes_of({.opcode = 10, .payload = kLong})},
                    Fault{"LongClose", bytes_of({.opcode = 8, .payload = kLong})},
                    Fault{"ContinuationOfNothing", bytes_of({.opcode = 0, .payload = "x"})},
                    Fault{"ContinuationAfterTheEnd", text("x") + bytes_of({.opcode = 0, .payload = "x"})},
                    Fault{"TextInsideAFragmentedText", bytes_of({.payload = "x", .final = false}) + text("y")},
                    Fault{"BinaryInsideAFragmentedText",
                          bytes_of({.payload = "x", .final = false}) + bytes_of({.opcode = 2, .payload = "y"})},
                    Fault{"SixteenBitsFor125",
                          bytes_of({.payload = std::string_view(kLong).substr(1), .length_bytes = 2})},
                    Fault{"SixtyFourBitsFor1", bytes_of({.payload = "x", .length_bytes = 8})},
                    Fault{"SixtyFourBitsFor65535", bytes_of({.payload = kTooShortForEight, .length_bytes = 8})},
                    Fault{"LengthWithTheTopBit", std::string("\x81\xFF\x80\0\0\0\0\x01\0\0mask", 14)},
                    Fault{"CloseOfOneByte", bytes_of({.opcode = 8, .payload = "x"})},
                    Fault{"CloseCode999", bytes_of({.opcode = 8, .payload = kUndefinedCode})}),
    [](const testing::TestParamInfo<Fault>& row) { return row.param.name; });

TEST(FrameParser, TakesTheCloseCodesOfSection7_4AndNoOthers) {
  for (unsigned code = 0; code <= 0xFFFF; ++code) {
    const bool allowed =
        (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
    const std::string payload = close_payload(code, "r");
    const std::vector<Seen> seen = events_of(bytes_of({.opcode = 8, .payload = payload}));
    ASSERT_EQ(seen.size(), 1U);
    if (allowed) {
      ASSERT_EQ(seen[0], (Seen{kClose, false, static_cast<std::uint16_t>(code), "r"}));
    } else {
      ASSERT_EQ(std::tuple(seen[0].kind, seen[0].code), std::tuple(WsEvent::Kind::error, std::uint16_t{1002})) << code;
    }
  }
}

TEST(FrameParser, ReportsAnEmptyCloseAs1005) {
  EXPECT_THAT(events_of(bytes_of({.opcode = 8})), ElementsAre(Seen{kClose, false, 1005, ""}));
}

TEST(FrameParser, SwallowsWhatFollowsAClose) {
  EXPECT_THAT(events_of(bytes_of({.opcode = 8}) + text("late") + bytes_of({.opcode = 9})),
              ElementsAre(Seen{kClose, false, 1005, ""}));
}

TEST(FrameParser, FailsInvalidUtf8InTextBinaryAndCloseReasonWith1007) {
  const std::string reason = close_payload(1000, "\xFF");

  EXPECT_EQ(failure_of(text("ok \xC0\xAF")), 1007);
  EXPECT_EQ(failure_of(bytes_of({.opcode = 2, .payload = "\xED\xA0\x80"})), 1007);
  EXPECT_EQ(failure_of(bytes_of({.opcode = 8, .payload = reason})), 1007);
  EXPECT_EQ(failure_of(text("cut \xE2\x82")), 1007);
}

TEST(FrameParser, LetsACharacterSpanFragmentsButNotTheMessagesEnd) {
  const std::string start = bytes_of({.payload = "\xF0\x9F", .final = false});

  EXPECT_THAT(events_of(start + bytes_of({.opcode = 0, .payload = "\x98\x80"})),
              ElementsAre(fragment("\xF0\x9F"), message("\xF0\x9F\x98\x80")));
  EXPECT_EQ(failure_of(start + bytes_of({.opcode = 0, .payload = "\x98"})), 1007);
  EXPECT_EQ(failure_of(start + bytes_of({.opcode = 0, .payload = "x"})), 1007);
  EXPECT_EQ(failure_of(bytes_of({.payload = "\xFF", .final = false})), 1007) << "found in the fragment, not at the end";
}

TEST(FrameParser, DoesNotCarryUtf8StateIntoTheNextMessage) {
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

TEST(FrameParser, FailsInvalidUtf8WithoutWaitingForTheRestOfItsFrame) {
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

TEST(FrameParser, FailsACharacterThatTheEndOfASlowMessageCutsOff) {
  const std::string cut = text("cut \xE2\x82");

  EXPECT_EQ(failed_after(cut), cut.size());
}

TEST(FrameParser, LeavesPingsBetweenTheBytesOfACharacterUncheckedHoweverTheyArrive) {
  const std::string stream = bytes_of({.payload = "\xF0\x9F", .final = false}) +
                             bytes_of({.opcode = 9, .payload = "\xFF\xFE"}) +
                             bytes_of({.opcode = 0, .payload = "\x98\x80"});
  FrameParser parser(1'000);
  std::vector<Seen> seen;

  for (const char byte : stream) feed(parser, std::string(1, byte), seen);

  EXPECT_THAT(seen, ElementsAre(fragment("\xF0\x9F"), ping("\xFF\xFE"), message("\xF0\x9F\x98\x80")));
}

TEST(FrameParser, TakesAnyBinaryMessageWhereItIsToldTo) {
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

TEST(FrameParser, LeavesPingPayloadsUnchecked) {
  EXPECT_THAT(events_of(bytes_of({.opcode = 9, .payload = "\xFF\xFE"})), ElementsAre(ping("\xFF\xFE")));
}

TEST(FrameParser, ReportsNothingForNothing) {
  EXPECT_THAT(events_of(""), IsEmpty());
}

}  // namespace
}  // namespace nx::transport
