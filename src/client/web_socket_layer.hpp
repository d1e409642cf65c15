#pragma once
// The connection below Beast's frames. Private to web_socket.cpp: nothing else includes Boost.Asio or Boost.Beast here.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/role.hpp>

namespace nx::client {

/// TCP or TLS: one type, so that Beast's templates are instantiated once.
class WebSocketLayer {
 public:
  using tcp = boost::asio::ip::tcp;
  using error_code = boost::system::error_code;
  using executor_type = tcp::socket::executor_type;

  explicit WebSocketLayer(boost::asio::io_context& loop) : socket(loop) {}
  executor_type get_executor() { return socket.get_executor(); }

  // Beast would wait for the body of an answer that refuses the upgrade, which may never end. Therefore the input ends
  // here behind the head of such an answer.
  template <class Buffers, class Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    boost::asio::async_compose<Handler, void(error_code, std::size_t)>(
        [this, buffers, begun = false](auto& self, error_code error = {}, std::size_t size = 0) mutable {
          if (!std::exchange(begun, true)) {
            const Buffers into = buffers;
            return on_stream([&](auto& stream) { stream.async_read_some(into, std::move(self)); });
          }
          if (!error && !upgraded_ && refuses(buffers, size)) error = boost::asio::error::eof;
          self.complete(error, size);
        },
        handler, socket);
  }

  // A write that fails is not reported: Beast would then read no more, but a peer that ended the connection may have
  // said why in a close frame that is still to be read. If it has not, the read fails as well.
  template <class Buffers, class Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    boost::asio::async_compose<Handler, void(error_code, std::size_t)>(
        [this, buffers, begun = false](auto& self, error_code error = {}, std::size_t size = 0) mutable {
          if (!std::exchange(begun, true)) {
            const Buffers from = buffers;
            return on_stream([&](auto& stream) { stream.async_write_some(from, std::move(self)); });
          }
          self.complete({}, error ? boost::asio::buffer_size(buffers) : size);
        },
        handler, socket);
  }

  const std::string& refusal() const { return refusal_; }  // the status line of an answer that refuses the upgrade

  tcp::socket socket;
  std::optional<boost::asio::ssl::context> trust;
  std::optional<boost::asio::ssl::stream<tcp::socket&>> tls;  // std::nullopt: without TLS

 private:
  static constexpr std::size_t kMaxStatusLine = 200;  // bytes of a refusal that are shown

  template <class Use>
  void on_stream(const Use& use) {
    if (tls) return use(*tls);
    use(socket);
  }

  template <class Buffers>
  bool refuses(const Buffers& buffers, std::size_t size) {
    const std::size_t before = head_.size();  // Beast reads no head over 8 KiB
    head_.resize(before + size);
    boost::asio::buffer_copy(boost::asio::buffer(head_.data() + before, size), buffers);
    if (!head_.starts_with("HTTP/1.") || head_.find("\r\n\r\n") == std::string::npos) return false;
    upgraded_ = head_.starts_with("HTTP/1.1 101");
    if (!upgraded_) refusal_ = head_.substr(0, std::min(head_.find("\r\n"), kMaxStatusLine));
    head_ = {};
    return !upgraded_;
  }

  std::string head_;  // of the answer to the upgrade, until it is complete
  std::string refusal_;
  bool upgraded_ = false;
};

// Beast's customisation points. After the close frames the end of the connection is not awaited: its owner closes it.
inline void beast_close_socket(WebSocketLayer& layer) {
  boost::system::error_code ignored;
  layer.socket.close(ignored);
}
template <class Handler>
void async_teardown(boost::beast::role_type, WebSocketLayer& layer, Handler&& handler) {
  boost::asio::post(layer.get_executor(),
                    boost::beast::bind_front_handler(std::forward<Handler>(handler), boost::system::error_code{}));
}

}  // namespace nx::client
