#pragma once
// The server's half of RFC 6455 framing, without I/O: parses client frames into events, and appends unmasked server
// frames.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace nx::transport {

enum class WsOpcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// The codes of RFC 6455 §7.4.1 that the framing layer itself uses.
struct WsCloseCode {
  static constexpr std::uint16_t kProtocolError = 1002;
  static constexpr std::uint16_t kNoneReceived = 1005;  // never sent: the peer's close frame was empty
  static constexpr std::uint16_t kInvalidPayload = 1007;
  static constexpr std::uint16_t kTooBig = 1009;
};

struct WsEvent {
  enum class Kind : std::uint8_t {
    need_more,  // all input was used
    // a whole text or binary message, fragments joined; valid UTF-8, for a binary message according to BinaryContent
    message,
    // a data frame that does not end its message; its payload is stored; reported so that the frame can be counted
    fragment,
    ping,
    pong,
    close,  // the peer's close frame: `code` (kNoneReceived when it is empty), and the reason as payload
    error   // the connection must be failed with `code` (1002, 1007, 1009); the payload is the reason, for a log
  };
  Kind kind = Kind::need_more;
  bool binary = false;  // of `message` events
  std::uint16_t code = 0;
  std::string_view payload = {};
};

/// The content that binary messages may have.
enum class BinaryContent : std::uint8_t {
  text,  // UTF-8 like text messages; otherwise 1007
  any
};

/// Parses client frames into events, which the caller takes one at a time:
///
///   std::span<char> input = …;             // the bytes of a read; the parser unmasks inside it
///   for (;;) {
///     const WsEvent event = parser.next(input);
///     if (event.kind == WsEvent::Kind::need_more) break;
///     …
///   }
///
/// Lifetime: a payload is a view into the caller's buffer or into the parser. It is valid until the next call of
/// next(), until the parser is destroyed, or until the caller's buffer changes. The caller may stop at any event and
/// destroy the parser. An incomplete frame is copied at need_more, so that the caller may reuse its buffer; an idle
/// parser owns no heap memory. After `close` or `error` all further input is ignored. Bounds: one frame and one message
/// of max_message_bytes each. Invalid UTF-8 is an error as soon as the bytes arrive, even when the rest of the frame is
/// missing. Used by one thread.
class FrameParser {
 public:
  explicit FrameParser(std::uint32_t max_message_bytes, BinaryContent binary = BinaryContent::text);
  ~FrameParser();
  FrameParser(FrameParser&&) noexcept;
  FrameParser& operator=(FrameParser&&) noexcept;

  /// Returns the next event and advances `input` past the bytes that were used.
  WsEvent next(std::span<char>& input);

  /// True between messages when no frame has begun: nothing is buffered.
  bool idle() const { return partial_ == nullptr; }
  /// Heap memory of an unfinished frame and message.
  std::size_t buffered_bytes() const;

  void set_limit(std::uint32_t max_message_bytes) { max_message_bytes_ = max_message_bytes; }

  /// Frees the buffers and ignores all further input.
  void abandon();

 private:
  struct Partial;
  struct Header;
  enum class State : std::uint8_t { open, ended };

  WsEvent fail(std::uint16_t code, std::string_view why);
  WsEvent take_frame(const Header& header, char* payload);
  WsEvent take_data(const Header& header, std::string_view payload);
  WsEvent take_close(std::string_view payload);
  std::string_view header_fault(const Header& header) const;
  bool holds_text(const Header& header) const;
  bool read_whole(const Header& header, char* payload);
  bool read_part(const Header& header);
  void release_delivered();
  Partial& partial();

  std::unique_ptr<Partial> partial_;  // allocated only while a frame or a fragmented message is incomplete
  std::uint32_t max_message_bytes_;
  BinaryContent binary_;
  State state_ = State::open;
};

/// Codes that a peer may send in a close frame (RFC 6455 §7.4): 1000–1003, 1007–1014, 3000–4999.
bool is_valid_close_code(std::uint16_t code);

constexpr std::size_t kMaxControlPayload = 125;
constexpr std::size_t kMaxServerHeader = 10;

/// 2, 4 or 10: the bytes that append_frame_header() adds.
constexpr std::size_t frame_header_size(std::size_t payload_bytes) {
  return payload_bytes < 126 ? 2 : payload_bytes < 65'536 ? 4 : 10;
}

/// Appends the header of a final, unmasked frame. The caller then appends exactly `payload_bytes` bytes.
void append_frame_header(std::string& out, WsOpcode opcode, std::size_t payload_bytes);
void append_frame(std::string& out, WsOpcode opcode, std::string_view payload);

/// `reason` is cut to 123 bytes at a character boundary. kNoneReceived makes an empty close frame.
void append_close(std::string& out, std::uint16_t code, std::string_view reason = {});

/// A payload over 125 bytes is cut.
void append_ping(std::string& out, std::string_view payload = {});
void append_pong(std::string& out, std::string_view payload);

/// Returns where the first of the unmasked server frames ends; 0 when it is incomplete. Used to cut a queue between two
/// frames.
std::size_t first_frame_end(std::string_view server_frames);

}  // namespace nx::transport
