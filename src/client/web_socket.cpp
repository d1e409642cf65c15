#include "client/web_socket.hpp"

#include <deque>
#include <optional>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <sys/socket.h>

#include "client/web_socket_layer.hpp"
#include "stream/socket.hpp"
#include "stream/tls_client.hpp"

namespace nx::client {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;
using stream::Waited;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxMessage = 16 * 1024 * 1024;  // bytes; far above SIGNAL_WS_MAX_PUSH_BYTES
constexpr std::size_t kMaxPongs = 64;                  // that were received and not taken; more are dropped

std::string reason_of(websocket::error error) {
  switch (error) {
    case websocket::error::message_too_big:
      return "a message over 16 MiB";
    case websocket::error::bad_opcode:
      return "an unknown opcode (§5.2)";
    case websocket::error::bad_data_frame:
    case websocket::error::bad_continuation:
      return "fragments out of order (§5.4)";
    case websocket::error::bad_reserved_bits:
      return "a reserved bit without an extension (§5.2)";
    case websocket::error::bad_control_fragment:
    case websocket::error::bad_control_size:
      return "a long or fragmented control frame (§5.5)";
    case websocket::error::bad_masked_frame:
      return "a masked frame (§5.1)";
    case websocket::error::bad_size:
      return "a length in more bytes than it needs (§5.2)";
    case websocket::error::bad_frame_payload:
      return "a text message that is not UTF-8 (§8.1)";
    case websocket::error::bad_close_code:
      return "a close code that must not be sent (§7.4)";
    case websocket::error::bad_close_size:
      return "a close frame of one byte (§5.5.1)";
    case websocket::error::bad_close_payload:
      return "a close reason that is not UTF-8 (§5.5.1)";
    default:
      return "the upgrade's answer does not fit the request";
  }
}

bool is_websocket_error(const error_code& error) {
  return error.category() == make_error_code(websocket::error::closed).category();
}

tl::unexpected<Error> broken(const error_code& error) {
  return fail(ErrorKind::invalid,
              "the server broke RFC 6455: " + reason_of(static_cast<websocket::error>(error.value())));
}

}  // namespace

struct WebSocket::State {
  explicit State(const std::atomic<bool>* stop_in) : socket(loop), stop(stop_in) {
    socket.auto_fragment(false);
    socket.read_message_max(kMaxMessage);
    socket.control_callback([this](websocket::frame_type type, beast::string_view payload) {
      if (type == websocket::frame_type::close) closed = close_frame();
      if (type == websocket::frame_type::pong && arrived.size() < kMaxPongs)
        arrived.push_back({Event::pong, std::string(payload)});
    });
  }

  Closed close_frame() const {
    const auto& [code, reason] = socket.reason();
    return {code == websocket::close_code::none ? Closed{}.code : code, std::string(reason.data(), reason.size())};
  }

  /// Lets the loop work until `ready` returns true.
  template <class Ready>
  Waited wait(Deadline deadline, const std::atomic<bool>* flag, const Ready& ready) {
    loop.restart();
    while (!ready()) {
      if (flag != nullptr && flag->load()) return Waited::stopped;
      const auto now = Clock::now();
      if (now >= deadline) return Waited::late;
      loop.run_one_until(std::min<Deadline>(deadline, now + stream::kStopCheck));
    }
    return Waited::ready;
  }

  struct Done {
    Waited waited;
    error_code error;
  };
  /// Begins an operation and waits for its end. When that does not come in time, closes the connection.
  template <class Begin>
  Done finish(Deadline deadline, const std::atomic<bool>* flag, const Begin& begin) {
    std::optional<error_code> ended;
    begin([&ended](error_code error, std::size_t = 0) { ended = error; });
    const Waited waited = wait(deadline, flag, [&ended] { return ended.has_value(); });
    if (waited != Waited::ready) beast_close_socket(socket.next_layer());
    while (!ended && loop.run_one() > 0) {  // every operation on a closed socket ends at once
    }
    return {waited, ended.value_or(asio::error::operation_aborted)};
  }

  template <class Begin>
  Result<void> send(Deadline deadline, const Begin& begin) {
    // An error besides the deadline means that the connection has ended, perhaps by a read during this send.
    if (finish(deadline, nullptr, begin).waited == Waited::ready) return {};
    return fail(ErrorKind::unavailable, "the server does not accept the data");
  }

  Result<void> begin_tls(const StreamUrl& url, const stream::TlsTrust& trust, Deadline deadline);
  Result<void> upgrade(const StreamUrl& url, Deadline deadline);
  void on_read(const error_code& error);

  asio::io_context loop{1};
  websocket::stream<WebSocketLayer, false> socket;  // false: without compression
  const std::atomic<bool>* stop;
  beast::flat_buffer incoming;
  std::deque<Received> arrived;  // pongs, and at most one message
  std::optional<Closed> closed;  // by a close frame of the server
  std::optional<Result<Received>> end;
  bool reading = false;
};

WebSocket::WebSocket(std::unique_ptr<State> state) : state_(std::move(state)) {}
WebSocket::WebSocket(WebSocket&&) noexcept = default;
WebSocket& WebSocket::operator=(WebSocket&&) noexcept = default;
WebSocket::~WebSocket() = default;

Result<void> WebSocket::State::begin_tls(const StreamUrl& url, const stream::TlsTrust& trust, Deadline deadline) {
  const bool skipped = trust.check == stream::CertificateCheck::skip;
  const std::string where = "TLS with " + stream::Endpoint{url.host, url.port, true}.text() + ": ";
  auto context = stream::tls_client_context(trust.ca_file);
  if (!context) return error_of(context);
  WebSocketLayer& layer = socket.next_layer();
  layer.trust.emplace(context->release());
  if (skipped) layer.trust->set_verify_mode(asio::ssl::verify_none);
  layer.tls.emplace(layer.socket, *layer.trust);
  SSL* const session = layer.tls->native_handle();
  if (!stream::expect_host(session, url.host)) return fail(ErrorKind::unavailable, where + "OpenSSL has no memory");
  const auto [waited, error] = finish(deadline, stop, [&layer](auto handler) {
    layer.tls->async_handshake(asio::ssl::stream_base::client, std::move(handler));
  });
  if (waited == Waited::stopped) return fail(ErrorKind::unavailable, "stopped");
  if (waited == Waited::late) return fail(ErrorKind::unavailable, where + "timed out");
  if (!error) return {};
  const std::string refusal = skipped ? "" : stream::certificate_refusal(session);
  const bool ended = error == asio::error::eof || error == asio::ssl::error::stream_truncated;
  return fail(ErrorKind::unavailable, where + (!refusal.empty() ? refusal
                                               : ended          ? "the connection ended"
                                                                : error.message()));
}

Result<void> WebSocket::State::upgrade(const StreamUrl& url, Deadline deadline) {
  const auto [waited, error] = finish(
      deadline, stop, [&](auto handler) { socket.async_handshake(url.authority(), url.resource, std::move(handler)); });
  if (waited == Waited::stopped) return fail(ErrorKind::unavailable, "stopped");
  if (waited == Waited::late) return fail(ErrorKind::unavailable, "no answer to the upgrade in time");
  if (!error) return {};
  if (const std::string& refusal = socket.next_layer().refusal(); !refusal.empty())
    return fail(ErrorKind::unavailable, "the upgrade was refused: " + refusal);
  if (is_websocket_error(error)) return broken(error);
  const bool ended = error == beast::http::error::end_of_stream || error == beast::http::error::partial_message;
  if (!ended && error.category() == make_error_code(beast::http::error::bad_field).category())
    return fail(ErrorKind::invalid, "the answer to the upgrade is not an HTTP response");
  return fail(ErrorKind::unavailable, "the server ended the connection at the upgrade");
}

Result<WebSocket> WebSocket::open(const StreamUrl& url, const stream::TlsTrust& trust, Deadline deadline,
                                  const std::atomic<bool>* stop) {
  auto dialled = stream::dial({url.host, url.port, url.secure}, deadline, stop);
  if (!dialled) return error_of(dialled);
  auto state = std::make_unique<State>(stop);
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  ::getsockname(dialled->get(), reinterpret_cast<sockaddr*>(&own), &size);
  state->socket.next_layer().socket.assign(own.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), dialled->release());
  if (url.secure) {
    if (const auto begun = state->begin_tls(url, trust, deadline); !begun) return error_of(begun);
  }
  if (const auto upgraded = state->upgrade(url, deadline); !upgraded) return error_of(upgraded);
  return WebSocket(std::move(state));
}

Result<void> WebSocket::send(std::string_view payload, Deadline deadline, Kind kind, Part part) {
  State& state = *state_;
  state.socket.binary(kind == Kind::binary);
  return state.send(deadline, [&](auto handler) {
    state.socket.async_write_some(part == Part::last, asio::buffer(payload), std::move(handler));
  });
}

Result<void> WebSocket::ping(std::string_view payload, Deadline deadline) {
  State& state = *state_;
  const websocket::ping_data data(payload.data(), payload.size());
  return state.send(deadline, [&](auto handler) { state.socket.async_ping(data, std::move(handler)); });
}

Result<void> WebSocket::send_raw(std::string_view bytes, Deadline deadline) {
  WebSocketLayer& layer = state_->socket.next_layer();
  return state_->send(deadline,
                      [&](auto handler) { asio::async_write(layer, asio::buffer(bytes), std::move(handler)); });
}

void WebSocket::State::on_read(const error_code& error) {
  reading = false;
  if (!error) {
    arrived.push_back(
        {.event = Event::message, .message = beast::buffers_to_string(incoming.data()), .binary = socket.got_binary()});
    incoming.clear();
  } else if (closed) {
    end = Received{Event::closed, {}, *closed};
  } else if (is_websocket_error(error)) {
    end = broken(error);
  } else {
    const bool ended = error == asio::error::eof || error == asio::ssl::error::stream_truncated;
    const std::string reason = !socket.next_layer().socket.is_open() ? "the connection was given up after a time-out"
                               : ended                               ? "the connection ended without a close frame"
                                                                     : error.message();
    end = Received{Event::closed, {}, {1006, reason}};
  }
}

Result<WebSocket::Received> WebSocket::receive(Deadline deadline) {
  State& state = *state_;
  if (!state.reading && !state.end && state.arrived.empty()) {
    state.reading = true;
    state.socket.async_read(state.incoming, [&state](error_code error, std::size_t) { state.on_read(error); });
  }
  const auto waited = state.wait(deadline, state.stop, [&state] { return !state.arrived.empty() || state.end; });
  if (waited == Waited::stopped) return Received{Event::stopped, {}};
  if (waited == Waited::late) return Received{};
  if (state.arrived.empty()) return *state.end;
  Received received = std::move(state.arrived.front());
  state.arrived.pop_front();
  return received;
}

Result<Closed> WebSocket::close(const Closed& close, Deadline deadline) {
  State& state = *state_;
  if (!state.socket.is_open()) return fail(ErrorKind::unavailable, "the connection has ended");
  const websocket::close_reason reason(static_cast<websocket::close_code>(close.code), close.reason);
  const auto [waited, error] =
      state.finish(deadline, nullptr, [&](auto handler) { state.socket.async_close(reason, std::move(handler)); });
  if (waited == Waited::late) return fail(ErrorKind::unavailable, "no answer to the close in time");
  if (error && is_websocket_error(error)) return broken(error);
  if (error) return fail(ErrorKind::unavailable, "the connection ended without a close frame");
  return state.close_frame();
}

}  // namespace nx::client
