// Echoes WebSocket messages over the program's own handshake and frame codec, for the Autobahn test suite.
//   autobahn_echo_server      prints the port on 127.0.0.1, then serves one connection after the other, as the suite
//                             makes them, until its standard input ends

#include <array>
#include <cstdio>
#include <poll.h>
#include <span>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

#include "transport/http_parser.hpp"
#include "transport/http_writer.hpp"
#include "transport/listener.hpp"
#include "transport/ws_frame.hpp"
#include "transport/ws_upgrade.hpp"

namespace {

using namespace nx::transport;

constexpr std::uint32_t kMaxMessageBytes = 16U << 20U;  // the largest of the suite
constexpr std::size_t kReadBytes = 65'536;
constexpr int kPatienceMs = 30'000;  // the longest silence of the suite is a few seconds

bool ready(int fd, short events) {
  pollfd waited{.fd = fd, .events = events, .revents = 0};
  return ::poll(&waited, 1, kPatienceMs) > 0;
}

class Connection {
 public:
  explicit Connection(Socket socket) : socket_(std::move(socket)) {}

  void serve() {
    if (upgrade()) echo();
    socket_.shutdown_write();
    while (!receive().empty()) continue;  // close() on unread bytes would reset what was sent
  }

 private:
  // Empty at the end of the stream, and when the peer was silent too long.
  std::span<char> receive() {
    for (;;) {
      const IoResult result = socket_.read(buffer_);
      if (result.status == IoStatus::done) return std::span(buffer_).first(result.bytes);
      if (result.status != IoStatus::would_block || !ready(socket_.fd(), POLLIN)) return {};
    }
  }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const IoResult result = socket_.write(bytes);
      if (result.status == IoStatus::done) {
        bytes.remove_prefix(result.bytes);
      } else if (result.status != IoStatus::would_block || !ready(socket_.fd(), POLLOUT)) {
        return false;
      }
    }
    return true;
  }

  bool refuse(int status, std::string_view why) {
    std::string out;
    append_response(out, {.status = status, .headers = {}, .body = std::string(why)}, AfterResponse::close);
    send(out);
    return false;
  }

  bool upgrade() {
    HttpParser parser;
    HttpParser::Progress progress;
    while (progress.status == HttpParser::Status::need_more) {
      input_ = receive();
      if (input_.empty()) return false;
      progress = parser.feed({input_.data(), input_.size()});
    }
    if (progress.status == HttpParser::Status::failed) return refuse(progress.error_status, "not HTTP/1.1");
    input_ = input_.subspan(progress.used);
    const WsUpgrade asked = check_upgrade(parser.take());
    if (asked.kind != WsUpgrade::Kind::accepted) return refuse(400, "not a WebSocket handshake");
    std::string out;
    append_switching_protocols(out, asked.accept);
    return send(out);
  }

  void echo() {
    std::string out;
    for (;;) {
      const WsEvent event = frames_.next(input_);
      const bool last = event.kind == WsEvent::Kind::close || event.kind == WsEvent::Kind::error;
      if (event.kind == WsEvent::Kind::message) {
        append_frame(out, event.binary ? WsOpcode::binary : WsOpcode::text, event.payload);
      } else if (event.kind == WsEvent::Kind::ping) {
        append_pong(out, event.payload);
      } else if (last) {
        append_close(out, event.code);
      } else if (event.kind == WsEvent::Kind::need_more) {
        input_ = receive();
        if (input_.empty()) return;
      }
      if (!send(out) || last) return;
      out.clear();
    }
  }

  Socket socket_;
  std::vector<char> buffer_ = std::vector<char>(kReadBytes);
  std::span<char> input_;  // of buffer_, what is not used yet
  FrameParser frames_{kMaxMessageBytes, BinaryContent::any};
};

}  // namespace

int main() {
  auto listener = Listener::open("127.0.0.1", 0);
  if (!listener) {
    std::fprintf(stderr, "autobahn_echo_server: %s\n", listener.error().message.c_str());
    return 1;
  }
  std::printf("%d\n", listener->port());
  std::fflush(stdout);
  for (;;) {
    std::array<pollfd, 2> waited{
        {{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0}, {.fd = listener->fd(), .events = POLLIN, .revents = 0}}};
    if (::poll(waited.data(), waited.size(), -1) <= 0 || waited[0].revents != 0) return 0;
    Listener::Accepted accepted = listener->accept();
    if (accepted.status == Listener::Accepted::Status::connection) Connection(std::move(accepted.socket)).serve();
  }
}
