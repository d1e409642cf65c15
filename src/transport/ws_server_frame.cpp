// The writing half of ws_frame.hpp: unmasked server frames.

#include <algorithm>

#include "model/utf8.hpp"
#include "transport/ws_frame.hpp"

namespace nx::transport {
namespace {

void append_big_endian(std::string& out, std::uint64_t value, unsigned bytes) {
  while (bytes-- > 0) out.push_back(static_cast<char>((value >> (8 * bytes)) & 0xFFU));
}

}  // namespace

void append_frame_header(std::string& out, WsOpcode opcode, std::size_t payload_bytes) {
  out.push_back(static_cast<char>(0x80U | static_cast<unsigned>(opcode)));
  if (payload_bytes < 126) {
    out.push_back(static_cast<char>(payload_bytes));
  } else if (payload_bytes <= 0xFFFF) {
    out.push_back(126);
    append_big_endian(out, payload_bytes, 2);
  } else {
    out.push_back(127);
    append_big_endian(out, payload_bytes, 8);
  }
}

void append_frame(std::string& out, WsOpcode opcode, std::string_view payload) {
  append_frame_header(out, opcode, payload.size());
  out.append(payload);
}

void append_close(std::string& out, std::uint16_t code, std::string_view reason) {
  if (code == WsCloseCode::kNoneReceived) return append_frame_header(out, WsOpcode::close, 0);
  const std::string_view cut = utf8_prefix(reason, kMaxControlPayload - 2);
  append_frame_header(out, WsOpcode::close, 2 + cut.size());
  append_big_endian(out, code, 2);
  out.append(cut);
}

void append_ping(std::string& out, std::string_view payload) {
  append_frame(out, WsOpcode::ping, payload.substr(0, kMaxControlPayload));
}

void append_pong(std::string& out, std::string_view payload) {
  append_frame(out, WsOpcode::pong, payload.substr(0, kMaxControlPayload));
}

std::size_t first_frame_end(std::string_view server_frames) {
  if (server_frames.size() < 2) return 0;
  const auto byte = [&](std::size_t at) { return std::uint64_t{static_cast<unsigned char>(server_frames[at])}; };
  std::uint64_t payload_bytes = byte(1) & 0x7FU;
  std::size_t header_bytes = 2;
  if (const std::size_t length_bytes = payload_bytes == 126 ? 2 : payload_bytes == 127 ? 8 : 0; length_bytes > 0) {
    header_bytes += length_bytes;
    if (server_frames.size() < header_bytes) return 0;
    payload_bytes = 0;
    for (std::size_t i = 2; i < header_bytes; ++i) payload_bytes = (payload_bytes << 8) | byte(i);
  }
  if (payload_bytes > server_frames.size() - header_bytes) return 0;
  return header_bytes + static_cast<std::size_t>(payload_bytes);
}

}  // namespace nx::transport
