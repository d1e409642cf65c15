#include "transport/ws_frame.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "model/utf8.hpp"

namespace nx::transport {
namespace {

constexpr std::size_t kMaskBytes = 4;

// XOR with the repeated mask (RFC 6455 §5.3), one machine word at a time.
void unmask(char* payload, std::size_t size, const std::array<char, kMaskBytes>& mask) {
  std::uint32_t half = 0;
  std::memcpy(&half, mask.data(), sizeof half);
  const std::uint64_t pattern = (std::uint64_t{half} << 32) | half;
  std::size_t at = 0;
  for (; at + 8 <= size; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, payload + at, 8);
    word ^= pattern;
    std::memcpy(payload + at, &word, 8);
  }
  for (; at < size; ++at) payload[at] = static_cast<char>(payload[at] ^ mask[at % kMaskBytes]);
}

std::uint64_t big_endian(const char* bytes, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = (value << 8) | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

// The header of one client frame: first what its first two bytes say, then all of it.
struct FrameParser::Header {
  bool final = false, reserved_bits = false, masked = false;
  std::uint8_t opcode = 0;
  std::uint8_t short_length = 0;
  std::uint64_t payload_bytes = 0;
  std::array<char, kMaskBytes> mask{};

  void read_start(const char* bytes) {
    const auto first = static_cast<unsigned char>(bytes[0]);
    const auto second = static_cast<unsigned char>(bytes[1]);
    final = (first & 0x80U) != 0;
    reserved_bits = (first & 0x70U) != 0;
    opcode = first & 0x0FU;
    masked = (second & 0x80U) != 0;
    short_length = second & 0x7FU;
  }
  std::size_t length_bytes() const { return short_length == 126 ? 2 : short_length == 127 ? 8 : 0; }
  std::size_t size() const { return 2 + length_bytes() + kMaskBytes; }
  void read_rest(const char* bytes) {
    payload_bytes = length_bytes() == 0 ? short_length : big_endian(bytes + 2, length_bytes());
    std::memcpy(mask.data(), bytes + 2 + length_bytes(), kMaskBytes);
  }
  bool is(WsOpcode wanted) const { return opcode == static_cast<std::uint8_t>(wanted); }
  // The mask, rotated for the part of the payload that begins at `offset`.
  std::array<char, kMaskBytes> mask_from(std::size_t offset) const {
    std::array<char, kMaskBytes> turned = mask;
    std::rotate(turned.begin(), turned.begin() + offset % kMaskBytes, turned.end());
    return turned;
  }
  bool is_control() const { return (opcode & 0x8U) != 0; }
  bool is_known() const {
    return opcode <= static_cast<std::uint8_t>(WsOpcode::binary) ||
           (opcode >= static_cast<std::uint8_t>(WsOpcode::close) &&
            opcode <= static_cast<std::uint8_t>(WsOpcode::pong));
  }
  // RFC 6455 §5.2: "the minimal number of bytes MUST be used"; the top bit of a 64-bit length is 0.
  bool is_minimal() const {
    if (short_length == 126) return payload_bytes >= 126;
    if (short_length == 127) return payload_bytes > 0xFFFF && (payload_bytes >> 63) == 0;
    return true;
  }
};

struct FrameParser::Partial {
  std::string frame;         // the bytes of an incomplete frame
  std::size_t unmasked = 0;  // bytes of its payload that are unmasked and, for a text, checked as UTF-8
  std::string message;       // the unmasked payloads of the previous fragments
  Utf8Validator utf8;        // state after `message` and the unmasked bytes of a data frame
  bool in_message = false;
  bool binary = false;
  bool frame_delivered = false;    // an event points into `frame`, which is released at the next call
  bool message_delivered = false;  // the same for `message`
};

FrameParser::FrameParser(std::uint32_t max_message_bytes, BinaryContent binary)
    : max_message_bytes_(max_message_bytes), binary_(binary) {}
FrameParser::~FrameParser() = default;
FrameParser::FrameParser(FrameParser&&) noexcept = default;
FrameParser& FrameParser::operator=(FrameParser&&) noexcept = default;

FrameParser::Partial& FrameParser::partial() {
  if (!partial_) partial_ = std::make_unique<Partial>();
  return *partial_;
}

void FrameParser::release_delivered() {
  if (!partial_) return;
  Partial& p = *partial_;
  if (p.frame_delivered) {
    p.frame.clear();
    p.unmasked = 0;
    p.frame_delivered = false;
  }
  if (p.message_delivered) {
    p.message.clear();
    p.utf8 = {};
    p.in_message = p.message_delivered = false;
  }
  if (p.frame.empty() && !p.in_message) partial_.reset();
}

WsEvent FrameParser::next(std::span<char>& input) {
  release_delivered();
  if (state_ == State::ended) input = {};
  if (input.empty()) return WsEvent{};
  // A frame that began in an earlier input is completed in the parser's buffer: first its first two bytes, then its
  // header, then its payload.
  const bool buffered = partial_ && !partial_->frame.empty();
  const auto have = [&](std::size_t wanted) {
    if (!buffered) return input.size() >= wanted;
    std::string& frame = partial_->frame;
    const std::size_t missing = wanted - std::min(wanted, frame.size());
    const std::size_t taken = std::min(missing, input.size());
    frame.append(input.data(), taken);
    input = input.subspan(taken);
    return taken == missing;
  };
  const auto bytes = [&] { return buffered ? partial_->frame.data() : input.data(); };
  const auto keep_rest = [&] {
    if (!input.empty()) partial().frame.append(input.data(), input.size());
    input = {};
    return WsEvent{};
  };

  Header header;
  if (!have(2)) return keep_rest();
  header.read_start(bytes());
  if (const std::string_view fault = header_fault(header); !fault.empty()) {
    return fail(WsCloseCode::kProtocolError, fault);
  }
  if (!have(header.size())) return keep_rest();
  header.read_rest(bytes());
  if (!header.is_minimal()) return fail(WsCloseCode::kProtocolError, "length not minimal");
  if (!header.is_control()) {
    const std::size_t joined = partial_ && partial_->in_message ? partial_->message.size() : 0;
    if (header.payload_bytes > max_message_bytes_ - joined) return fail(WsCloseCode::kTooBig, "message too big");
  }
  const std::size_t frame_bytes = header.size() + static_cast<std::size_t>(header.payload_bytes);
  if (!have(frame_bytes)) {
    keep_rest();
    return read_part(header) ? WsEvent{} : fail(WsCloseCode::kInvalidPayload, "message is not UTF-8");
  }
  char* const payload = bytes() + header.size();
  if (buffered) {
    partial_->frame_delivered = true;
  } else {
    input = input.subspan(frame_bytes);
  }
  if (!(buffered ? read_part(header) : read_whole(header, payload))) {
    return fail(WsCloseCode::kInvalidPayload, "message is not UTF-8");
  }
  return take_frame(header, payload);
}

std::string_view FrameParser::header_fault(const Header& header) const {
  if (header.reserved_bits) return "reserved bits set";
  if (!header.is_known()) return "reserved opcode";
  if (!header.masked) return "frame not masked";
  if (header.is_control()) {
    if (!header.final) return "control frame fragmented";
    if (header.short_length > kMaxControlPayload) return "control frame too long";
    return {};
  }
  const bool in_message = partial_ && partial_->in_message;
  if (header.is(WsOpcode::continuation) && !in_message) return "continuation without a message";
  if (!header.is(WsOpcode::continuation) && in_message) return "new message inside a fragmented one";
  return {};
}

bool FrameParser::holds_text(const Header& header) const {
  if (header.is_control()) return false;
  if (binary_ == BinaryContent::text) return true;
  return header.is(WsOpcode::continuation) ? !partial_->binary : !header.is(WsOpcode::binary);
}

// Unmasks the payload of a frame that is completely in the caller's buffer. Returns false when the message must be
// UTF-8 and is not.
bool FrameParser::read_whole(const Header& header, char* payload) {
  const auto size = static_cast<std::size_t>(header.payload_bytes);
  unmask(payload, size, header.mask);
  if (!holds_text(header)) return true;
  const std::string_view text(payload, size);
  if (header.final && !header.is(WsOpcode::continuation)) return is_utf8(text);
  Utf8Validator& utf8 = partial().utf8;
  return utf8.feed(text) && (!header.final || utf8.complete());
}

// The same for a frame that arrives in parts: processes the bytes that have arrived since the last call.
bool FrameParser::read_part(const Header& header) {
  Partial& p = *partial_;
  const std::size_t from = p.unmasked;
  p.unmasked = p.frame.size() - header.size();
  char* const part = p.frame.data() + header.size() + from;
  unmask(part, p.unmasked - from, header.mask_from(from));
  if (!holds_text(header)) return true;
  const bool ended = header.final && p.unmasked == header.payload_bytes;
  return p.utf8.feed({part, p.unmasked - from}) && (!ended || p.utf8.complete());
}

WsEvent FrameParser::take_frame(const Header& header, char* payload) {
  const std::string_view content(payload, static_cast<std::size_t>(header.payload_bytes));
  switch (static_cast<WsOpcode>(header.opcode)) {
    case WsOpcode::ping:
      return {.kind = WsEvent::Kind::ping, .payload = content};
    case WsOpcode::pong:
      return {.kind = WsEvent::Kind::pong, .payload = content};
    case WsOpcode::close:
      return take_close(content);
    case WsOpcode::continuation:
    case WsOpcode::text:
    case WsOpcode::binary:
      break;
  }
  return take_data(header, content);
}

// Handles a fragment or the end of a message.
WsEvent FrameParser::take_data(const Header& header, std::string_view payload) {
  const bool first = !header.is(WsOpcode::continuation);
  if (first && header.final) {
    return {.kind = WsEvent::Kind::message, .binary = header.is(WsOpcode::binary), .payload = payload};
  }
  Partial& p = partial();
  if (first) {
    p.in_message = true;
    p.binary = header.is(WsOpcode::binary);
  }
  p.message.append(payload);
  if (!header.final) return {.kind = WsEvent::Kind::fragment, .binary = p.binary, .payload = payload};
  p.message_delivered = true;
  return {.kind = WsEvent::Kind::message, .binary = p.binary, .payload = p.message};
}

WsEvent FrameParser::take_close(std::string_view payload) {
  if (payload.size() == 1) return fail(WsCloseCode::kProtocolError, "close code cut short");
  WsEvent event{.kind = WsEvent::Kind::close, .code = WsCloseCode::kNoneReceived};
  if (payload.size() >= 2) {
    event.code = static_cast<std::uint16_t>(big_endian(payload.data(), 2));
    event.payload = payload.substr(2);
    if (!is_valid_close_code(event.code)) return fail(WsCloseCode::kProtocolError, "close code not allowed");
    if (!is_utf8(event.payload)) return fail(WsCloseCode::kInvalidPayload, "close reason is not UTF-8");
  }
  state_ = State::ended;
  return event;
}

std::size_t FrameParser::buffered_bytes() const {
  return partial_ ? sizeof(Partial) + partial_->frame.capacity() + partial_->message.capacity() : 0;
}

void FrameParser::abandon() {
  state_ = State::ended;
  partial_.reset();
}

WsEvent FrameParser::fail(std::uint16_t code, std::string_view why) {
  state_ = State::ended;
  partial_.reset();
  return {.kind = WsEvent::Kind::error, .code = code, .payload = why};
}

bool is_valid_close_code(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

}  // namespace nx::transport
