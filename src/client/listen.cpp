#include "client/listen.hpp"

#include <algorithm>
#include <sstream>

#include <fmt/core.h>

#include "client/client_keys.hpp"
#include "client/stream_url.hpp"
#include "client/web_socket.hpp"
#include "json/value.hpp"

namespace nx::client {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kWriteTime{10};
constexpr std::chrono::seconds kGoodbyeTime{1};

enum class Ending { stopped, closed_in_order, connected };
enum class Until { told, connected };

std::string authenticate_message(const ListenOptions& options, const std::string& public_key) {
  json::Value data = json::Value::object({{"type", json::Value::string("Bearer")},
                                          {"token", json::Value::string(options.token)},
                                          {"clientPublicKey", json::Value::string(public_key)}});
  if (options.since) data.members().push_back({"since", json::Value::number(*options.since)});
  return json::write(json::Value::object({{"event", json::Value::string("authenticate")}, {"data", std::move(data)}}));
}

std::string join_message(const std::vector<std::string>& rooms) {
  std::vector<json::Value> names;
  names.reserve(rooms.size());
  for (const std::string& room : rooms) names.push_back(json::Value::string(room));
  return json::write(
      json::Value::object({{"event", json::Value::string("join")},
                           {"data", json::Value::object({{"rooms", json::Value::array(std::move(names))}})}}));
}

std::string text_of(const json::Value* value, std::string_view name) {
  const json::Value* const member = value == nullptr ? nullptr : value->find(name);
  return member != nullptr && member->is_string() ? member->text() : std::string();
}

class Listening {
 public:
  Listening(const ListenOptions& options, WebSocket socket, ClientKeys keys, std::ostream& out,
            const std::atomic<bool>& stop)
      : options_(options), socket_(std::move(socket)), keys_(std::move(keys)), out_(out), stop_(stop) {}

  Result<Ending> run(Until until) {
    if (const auto sent = send(authenticate_message(options_, keys_.public_base64())); !sent) return error_of(sent);
    const auto give_up = Clock::now() + options_.handshake_timeout;
    auto next_heartbeat = Clock::now() + options_.heartbeat;
    for (;;) {
      const auto now = Clock::now();  // read in every round, so that a busy stream does not delay the heartbeat
      if (stop_.load()) return goodbye(Ending::stopped);
      if (key_ && until == Until::connected) return goodbye(Ending::connected);
      if (!key_ && now >= give_up) return fail(ErrorKind::unavailable, "no `connected` in time" + said());
      if (now >= next_heartbeat) {
        if (const auto sent = send(R"({"event":"heartbeat"})"); !sent) return error_of(sent);
        next_heartbeat = now + options_.heartbeat;
      }
      const auto received = socket_.receive(key_ ? next_heartbeat : std::min(give_up, next_heartbeat));
      if (!received) return error_of(received);
      switch (received->event) {
        case WebSocket::Event::stopped:
          return goodbye(Ending::stopped);
        case WebSocket::Event::closed:
          return on_close(received->close);
        case WebSocket::Event::message:
          if (const auto taken = take(received->message); !taken) return error_of(taken);
          break;
        case WebSocket::Event::pong:
        case WebSocket::Event::nothing:
          break;
      }
    }
  }

 private:
  Ending goodbye(Ending ending) {
    // An error is ignored: the connection ends in any case.
    (void)socket_.close({1000, ""}, Clock::now() + kGoodbyeTime);
    return ending;
  }

  Result<void> send(std::string_view text) { return socket_.send(text, Clock::now() + kWriteTime); }

  /// The last error message of the server, for the line on stderr.
  std::string said() const { return last_error_.empty() ? "" : fmt::format(" (the server said: {})", last_error_); }

  Result<Ending> on_close(const Closed& close) const {
    if (close.code == 1000) return Ending::closed_in_order;
    if (close.code == 1006)
      return fail(ErrorKind::unavailable, fmt::format("connection lost (1006): {}{}", close.reason, said()));
    return fail(ErrorKind::unavailable, fmt::format("the server closed: {} {}{}", close.code, close.reason, said()));
  }

  Result<void> take(const std::string& message) {
    auto frame = json::parse(message);
    if (!frame) return fail(ErrorKind::invalid, "a frame cannot be read: " + frame.error().message);
    const std::string event = text_of(&*frame, "event");
    if (event == "encrypted") return take_sealed(frame->find("data"));
    if (event == "error") last_error_ = text_of(frame->find("data"), "message");
    if (event == "connected") {
      const json::Value* const data = frame->find("data");
      auto key = keys_.derive(text_of(data, "serverPublicKey"), text_of(data, "salt"), kServerToClientInfo);
      if (!key) return fail(ErrorKind::invalid, "`connected`: " + key.error().message);
      key_.emplace(std::move(*key));
      print(*frame);
      return options_.rooms.empty() ? Result<void>{} : send(join_message(options_.rooms));
    }
    if (key_) return fail(ErrorKind::invalid, "a frame arrived in plaintext after `connected`: " + event);
    print(*frame);
    return {};
  }

  Result<void> take_sealed(const json::Value* data) {
    if (!key_) return fail(ErrorKind::invalid, "an encrypted frame arrived before `connected`");
    const auto plaintext = key_->open(text_of(data, "iv"), text_of(data, "ct"));
    if (!plaintext) return fail(ErrorKind::invalid, "an encrypted frame cannot be decrypted");
    const auto frame = json::parse(*plaintext);
    if (!frame) return fail(ErrorKind::invalid, "a decrypted frame cannot be read: " + frame.error().message);
    if (text_of(&*frame, "event") == "error") last_error_ = text_of(frame->find("data"), "message");
    print(*frame);
    return {};
  }

  void print(const json::Value& frame) { out_ << json::write(frame) << '\n' << std::flush; }

  const ListenOptions& options_;
  WebSocket socket_;
  ClientKeys keys_;
  std::ostream& out_;
  const std::atomic<bool>& stop_;
  std::optional<FrameKey> key_;  // set after `connected`
  std::string last_error_;
};

Result<WebSocket> open_socket(const ListenOptions& options, const StreamUrl& url, const std::atomic<bool>& stop) {
  return WebSocket::open(url, options.trust, Clock::now() + options.connect_timeout, &stop);
}

Result<Ending> connect_and_run(const ListenOptions& options, const StreamUrl& url, std::ostream& out,
                               const std::atomic<bool>& stop, Until until) {
  auto keys = ClientKeys::generate();
  if (!keys) return error_of(keys);
  auto socket = open_socket(options, url, stop);
  if (!socket) return error_of(socket);
  return Listening(options, std::move(*socket), std::move(*keys), out, stop).run(until);
}

}  // namespace

Result<void> shake_hands(const ListenOptions& options) {
  const auto url = parse_stream_url(options.url);
  if (!url) return error_of(url);
  const std::atomic<bool> never{false};
  if (options.token.empty()) {
    auto socket = open_socket(options, *url, never);
    if (!socket) return error_of(socket);
    (void)socket->close({1000, ""}, Clock::now() + kGoodbyeTime);
    return {};
  }
  std::ostringstream unread;
  const auto ending = connect_and_run(options, *url, unread, never, Until::connected);
  if (!ending) return error_of(ending);
  if (*ending != Ending::connected) return fail(ErrorKind::unavailable, "the server closed before `connected`");
  return {};
}

int listen(const ListenOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
  const auto url = parse_stream_url(options.url);
  if (!url) {
    err << "nx-signal listen: " << url.error().message << '\n';
    return 2;
  }
  if (options.token.empty()) {
    err << "nx-signal listen: a token is needed: --token T or SIGNAL_TOKEN\n";
    return 2;
  }
  const auto ending = connect_and_run(options, *url, out, stop, Until::told);
  if (ending || stop.load()) return 0;
  err << "nx-signal listen: " << ending.error().message << '\n';
  return 1;
}

}  // namespace nx::client
