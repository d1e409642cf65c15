#pragma once
// The client's half of RFC 6455 framing for tests, written apart from the code under test; and events as values that
// outlive the parser.

#include <array>
#include <cstdint>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "transport/ws_frame.hpp"

namespace nx::transport::test {

struct ClientFrame {
  unsigned opcode = 1;
  std::string_view payload = {};
  bool final = true;
  unsigned reserved = 0;  // the three bits as a number
  bool masked = true;
  std::array<unsigned char, 4> mask{0x37, 0xFA, 0x21, 0x3D};
  unsigned length_bytes = 0;  // 0: the shortest that fits; 2 or 8: that form whatever the size
};

inline std::string bytes_of(const ClientFrame& frame) {
  std::string out;
  out += static_cast<char>((frame.final ? 0x80U : 0U) | (frame.reserved << 4U) | frame.opcode);
  const std::size_t size = frame.payload.size();
  unsigned length_bytes = frame.length_bytes;
  if (length_bytes == 0) length_bytes = size < 126 ? 0 : size < 65'536 ? 2 : 8;
  const unsigned short_length = length_bytes == 0 ? static_cast<unsigned>(size) : length_bytes == 2 ? 126U : 127U;
  out += static_cast<char>((frame.masked ? 0x80U : 0U) | short_length);
  for (unsigned i = length_bytes; i > 0; --i) out += static_cast<char>((std::uint64_t{size} >> (8 * (i - 1))) & 0xFFU);
  if (frame.masked) {
    for (const unsigned char byte : frame.mask) out += static_cast<char>(byte);
  }
  for (std::size_t i = 0; i < size; ++i) {
    const auto byte = static_cast<unsigned char>(frame.payload[i]);
    out += static_cast<char>(frame.masked ? byte ^ frame.mask[i % 4] : byte);
  }
  return out;
}

inline std::string text(std::string_view payload) {
  return bytes_of({.opcode = 1, .payload = payload});
}

inline std::string close_payload(unsigned code, std::string_view reason = {}) {
  std::string payload{static_cast<char>(code >> 8U), static_cast<char>(code & 0xFFU)};
  return payload.append(reason);
}

struct Seen {
  WsEvent::Kind kind = WsEvent::Kind::need_more;
  bool binary = false;
  std::uint16_t code = 0;
  std::string payload = {};
  bool operator==(const Seen&) const = default;
};

inline std::ostream& operator<<(std::ostream& out, const Seen& seen) {
  constexpr std::array kNames{"need_more", "message", "fragment", "ping", "pong", "close", "error"};
  out << kNames.at(static_cast<std::size_t>(seen.kind)) << (seen.binary ? " binary" : "");
  if (seen.code != 0) out << ' ' << seen.code;
  return out << " '" << seen.payload.substr(0, 60) << "' (" << seen.payload.size() << " bytes)";
}

inline Seen message(std::string payload) {
  return {.kind = WsEvent::Kind::message, .payload = std::move(payload)};
}
inline Seen fragment(std::string payload) {
  return {.kind = WsEvent::Kind::fragment, .payload = std::move(payload)};
}
inline Seen ping(std::string payload) {
  return {.kind = WsEvent::Kind::ping, .payload = std::move(payload)};
}

/// Feeds one piece from a buffer that is wiped afterwards, so that a parser that kept a view is found out.
inline void feed(FrameParser& parser, std::string piece, std::vector<Seen>& seen) {
  std::span<char> input(piece);
  for (;;) {
    const WsEvent event = parser.next(input);
    if (event.kind == WsEvent::Kind::need_more) break;
    seen.push_back({event.kind, event.binary, event.code, std::string(event.payload)});
  }
  piece.assign(piece.size(), '\xAA');
}

inline std::vector<Seen> events_of(const std::string& stream, std::uint32_t max_message_bytes = 131'072) {
  FrameParser parser(max_message_bytes);
  std::vector<Seen> seen;
  feed(parser, stream, seen);
  return seen;
}

/// The code the connection is failed with; 0 when the stream ends without failure.
inline std::uint16_t failure_of(const std::string& stream, std::uint32_t max_message_bytes = 131'072) {
  const std::vector<Seen> seen = events_of(stream, max_message_bytes);
  return !seen.empty() && seen.back().kind == WsEvent::Kind::error ? seen.back().code : std::uint16_t{0};
}

}  // namespace nx::transport::test
