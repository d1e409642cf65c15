// Frames that end a connection, and those that close it in order.

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
using test::Seen;
using test::text;
using testing::ElementsAre;

constexpr auto kClose = WsEvent::Kind::close;

// RFC 6455 §5.1, §5.2, §5.4, §5.5: what ends a connection with 1002.
struct Fault {
  const char* name;
  std::string stream;
};
class WsFrameFaultsOfProtocol : public testing::TestWithParam<Fault> {};

TEST_P(WsFrameFaultsOfProtocol, FailsTheConnectionWith1002AndSwallowsTheRest) {
  EXPECT_EQ(failure_of(GetParam().stream), 1002);

  const std::vector<Seen> with_more = events_of(GetParam().stream + text("more"));
  EXPECT_EQ(with_more, events_of(GetParam().stream));
}

const std::string kLong(126, 'x');
const std::string kTooShortForEight(65'535, 'x');
const std::string kUndefinedCode = close_payload(999);

INSTANTIATE_TEST_SUITE_P(
    FrameParser, WsFrameFaultsOfProtocol,
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

TEST(WsFrameFaults, TakesTheCloseCodesOfSection7_4AndNoOthers) {
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

TEST(WsFrameFaults, ReportsAnEmptyCloseAs1005) {
  EXPECT_THAT(events_of(bytes_of({.opcode = 8})), ElementsAre(Seen{kClose, false, 1005, ""}));
}

TEST(WsFrameFaults, SwallowsWhatFollowsAClose) {
  EXPECT_THAT(events_of(bytes_of({.opcode = 8}) + text("late") + bytes_of({.opcode = 9})),
              ElementsAre(Seen{kClose, false, 1005, ""}));
}

}  // namespace
}  // namespace nx::transport
