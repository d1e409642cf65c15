#include "client/web_socket.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "client/base64.hpp"

namespace nx::client {

namespace {

constexpr std::size_t kMaxHead = 16 * 1024;
constexpr std::uint64_t kMaxMessage =
    16 * 1024 * 1024;  // far above SIGNAL_WS_MAX_PUSH_BYTES; bounds the memory that a length can request
constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 §1.3

enum Opcode : std::uint8_t { kContinuation = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10 };
constexpr std::uint8_t kLast = 0x80;  // FIN

tl::unexpected<Error> broken(std::string why) {
  return fail(ErrorKind::invalid, "the server broke RFC 6455: " + std::move(why));
}

std::string accept_of(const std::string& key) {
  const std::string text = key + std::string(kGuid);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  return to_base64({digest.data(), size});
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

/// The value of the first header with that lower-case name.
std::string header(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at)) {
    at += 2;
    const std::string_view line = head.substr(at, head.find("\r\n", at) - at);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || lower(line.substr(0, colon)) != name) continue;
    const std::size_t first = line.find_first_not_of(" \t", colon + 1);
    if (first == std::string_view::npos) return {};
    return std::string(line.substr(first, line.find_last_not_of(" \t") - first + 1));
  }
  return {};
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8U | static_cast<std::uint8_t>(byte);
  return value;
}

}  // namespace

Result<WebSocket> WebSocket::open(ByteStream stream, const StreamUrl& url, Deadline deadline) {
  std::array<std::uint8_t, 16> nonce{};
  if (RAND_bytes(nonce.data(), static_cast<int>(nonce.size())) != 1)
    return fail(ErrorKind::unavailable, "no random bytes");
  const std::string key = to_base64(nonce);
  WebSocket socket(std::move(stream));
  const auto sent =
      socket.stream_.write("GET " + url.resource + " HTTP/1.1\r\nHost: " + url.authority() +
                               "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + key +
                               "\r\nSec-WebSocket-Version: 13\r\n\r\n",
                           deadline);
  if (!sent) return error_of(sent);

  std::size_t end = std::string::npos;
  while ((end = socket.input_.find("\r\n\r\n")) == std::string::npos) {
    if (socket.input_.size() > kMaxHead)
      return fail(ErrorKind::invalid, "the answer to the upgrade is not an HTTP response");
    std::array<char, 4096> block;
    const auto read = socket.stream_.read(block, deadline);
    if (!read) return error_of(read);
    if (read->state == ByteStream::Reading::stopped) return fail(ErrorKind::unavailable, "stopped");
    if (read->state != ByteStream::Reading::bytes) {
      return fail(ErrorKind::unavailable, read->state == ByteStream::Reading::late
                                              ? "no answer to the upgrade in time"
                                              : "the server ended the connection at the upgrade");
    }
    socket.input_.append(block.data(), read->size);
  }
  const std::string head = socket.input_.substr(0, end + 2);
  socket.input_.erase(0, end + 4);
  if (!head.starts_with("HTTP/1.1 101 ")) {
    return fail(ErrorKind::unavailable,
                "the upgrade was refused: " + head.substr(0, std::min(head.find("\r\n"), std::size_t{200})));
  }
  if (lower(header(head, "upgrade")) != "websocket" || header(head, "sec-websocket-accept") != accept_of(key)) {
    return broken("the upgrade's answer does not fit the request");
  }
  return socket;
}

Result<void> WebSocket::send_frame(std::uint8_t first, std::string_view payload, Mask mask, Deadline deadline) {
  std::array<std::uint8_t, 4> key{};
  if (mask == Mask::fresh && RAND_bytes(key.data(), static_cast<int>(key.size())) != 1)
    return fail(ErrorKind::unavailable, "no random bytes");
  const unsigned masked = mask == Mask::fresh ? 0x80U : 0U;
  std::string frame(1, static_cast<char>(first));
  const auto append_length = [&frame, &payload](unsigned bytes) {
    for (unsigned shift = bytes * 8; shift > 0; shift -= 8)
      frame += static_cast<char>(payload.size() >> (shift - 8) & 0xffU);
  };
  if (payload.size() < 126) {
    frame += static_cast<char>(masked | payload.size());
  } else if (payload.size() <= 0xffff) {
    frame += static_cast<char>(masked | 126U);
    append_length(2);
  } else {
    frame += static_cast<char>(masked | 127U);
    append_length(8);
  }
  if (mask == Mask::fresh) frame.append(key.begin(), key.end());
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame += static_cast<char>(static_cast<std::uint8_t>(payload[i]) ^ key[i % key.size()]);
  }
  return stream_.write(frame, deadline);
}

Result<void> WebSocket::send_text(std::string_view message, Deadline deadline) {
  return send_frame(kLast | kText, message, Mask::fresh, deadline);
}

/// Takes one complete frame from the bytes read; std::nullopt when it is not complete.
Result<std::optional<WebSocket::Frame>> WebSocket::take_frame() {
  if (input_.size() < 2) return std::nullopt;
  const auto first = static_cast<std::uint8_t>(input_[0]);
  const auto second = static_cast<std::uint8_t>(input_[1]);
  Frame frame{static_cast<std::uint8_t>(first & 0x0fU), (first & 0x80U) != 0, {}};
  if ((first & 0x70U) != 0) return broken("a reserved bit without an extension (§5.2)");
  if ((second & 0x80U) != 0) return broken("a masked frame (§5.1)");
  std::uint64_t length = second & 0x7fU;
  const std::size_t width = length == 126 ? 2 : length == 127 ? 8 : 0;
  if (frame.opcode >= kClose && (!frame.last || width != 0)) return broken("a long or fragmented control frame (§5.5)");
  if (input_.size() < 2 + width) return std::nullopt;
  if (width != 0) length = big_endian(std::string_view(input_).substr(2, width));
  if (length > kMaxMessage) return broken("a frame over 16 MiB");
  if (input_.size() < 2 + width + length) return std::nullopt;
  frame.payload = input_.substr(2 + width, static_cast<std::size_t>(length));
  input_.erase(0, 2 + width + static_cast<std::size_t>(length));
  return frame;
}

Result<WebSocket::Received> WebSocket::receive(Deadline deadline) {
  for (;;) {
    auto taken = take_frame();
    if (!taken) return error_of(taken);
    if (!*taken) {
      std::array<char, 16 * 1024> block;
      const auto read = stream_.read(block, deadline);
      if (!read) return Received{Event::closed, {}, Closed{1006, read.error().message}};
      switch (read->state) {
        case ByteStream::Reading::bytes:
          input_.append(block.data(), read->size);
          break;
        case ByteStream::Reading::ended:
          return Received{Event::closed, {}, Closed{1006, "the connection ended without a close frame"}};
        case ByteStream::Reading::late:
          return Received{Event::nothing, {}, {}};
        case ByteStream::Reading::stopped:
          return Received{Event::stopped, {}, {}};
      }
      continue;
    }
    Frame& frame = **taken;
    switch (frame.opcode) {
      case kPing:
        if (const auto sent = send_frame(kLast | kPong, frame.payload, Mask::fresh, deadline); !sent)
          return error_of(sent);
        return Received{};
      case kPong:
        return Received{Event::pong, std::move(frame.payload)};
      case kClose: {
        if (frame.payload.size() == 1) return broken("a close frame of one byte (§5.5.1)");
        Closed close;
        if (frame.payload.size() >= 2) {
          close.code = static_cast<std::uint16_t>(big_endian(std::string_view(frame.payload).substr(0, 2)));
          close.reason = frame.payload.substr(2);
        }
        // An error is ignored: the connection ends in any case.
        (void)send_frame(kLast | kClose, std::string_view(frame.payload).substr(0, 2), Mask::fresh, deadline);
        return Received{Event::closed, {}, std::move(close)};
      }
      case kContinuation:
      case kText:
      case kBinary:
        if ((frame.opcode == kContinuation) != fragmented_) return broken("fragments out of order (§5.4)");
        if (message_.size() + frame.payload.size() > kMaxMessage) return broken("a message over 16 MiB");
        if (frame.opcode != kContinuation) binary_ = frame.opcode == kBinary;
        message_ += frame.payload;
        fragmented_ = !frame.last;
        if (frame.last) return Received{Event::message, std::exchange(message_, {}), {}, binary_};
        break;
      default:
        return broken("an unknown opcode (§5.2)");
    }
  }
}

void WebSocket::close(std::uint16_t code, Deadline deadline) {
  stream_.outlive_stop();
  const std::string payload{static_cast<char>(code >> 8U), static_cast<char>(code & 0xffU)};
  if (!send_frame(kLast | kClose, payload, Mask::fresh, deadline)) return;
  for (;;) {
    const auto received = receive(deadline);
    if (!received || received->event == Event::closed || std::chrono::steady_clock::now() >= deadline) return;
  }
}

}  // namespace nx::client
