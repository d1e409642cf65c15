#pragma once
// The connection below Beast's frames. Private to web_socket.cpp: no other source of the client includes Boost.

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/role.hpp>

namespace nx::client {

/// TCP or TLS. One type, and one type of handler, so that the templates of Beast and Asio are instantiated once.
class WebSocketLayer {
 public:
  using tcp = boost::asio::ip::tcp;
  using error_code = boost::system::error_code;
  using executor_type = tcp::socket::executor_type;

  explicit WebSocketLayer(boost::asio::io_context& loop) : socket(loop) {}
  executor_type get_executor() { return socket.get_executor(); }

  template <class Buffers, class Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    auto into = boost::asio::buffer_sequence_begin(buffers);
    const auto end = boost::asio::buffer_sequence_end(buffers);
    while (into != end && boost::asio::mutable_buffer(*into).size() == 0) ++into;
    read(into == end ? boost::asio::mutable_buffer() : *into, same_type(std::forward<Handler>(handler)));
  }
  template <class Buffers, class Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    write(std::make_shared<const std::string>(boost::beast::buffers_to_string(buffers)),
          same_type(std::forward<Handler>(handler)));
  }

  const std::string& refusal() const { return refusal_; }  // the status line of an answer that refuses the upgrade

  tcp::socket socket;
  std::optional<boost::asio::ssl::context> trust;
  std::optional<boost::asio::ssl::stream<tcp::socket&>> tls;  // std::nullopt: without TLS

 private:
  static constexpr std::size_t kMaxStatusLine = 200;  // bytes of a refusal that are shown

  using Done = std::function<void(error_code, std::size_t)>;
  template <class Handler>
  static Done same_type(Handler&& handler) {  // std::function can be copied, Beast's handlers cannot
    auto shared = std::make_shared<std::decay_t<Handler>>(std::forward<Handler>(handler));
    return [shared](error_code error, std::size_t size) { std::move (*shared)(error, size); };
  }

  template <class Use>
  void on_stream(const Use& use) {
    if (tls) return use(*tls);
    use(socket);
  }

  // Beast would wait for the body of an answer that refuses the upgrade, which may never end. Therefore the input ends
  // here behind the head of such an answer.
  void read(boost::asio::mutable_buffer into, Done done) {
    on_stream([&](auto& stream) {
      stream.async_read_some(into, [this, into, done = std::move(done)](error_code error, std::size_t size) {
        if (!error && !upgraded_ && refuses({static_cast<const char*>(into.data()), size}))
          return done(boost::asio::error::eof, 0);
        done(error, size);
      });
    });
  }

  // A write that fails is not reported: Beast would then read no more, but a peer that ended the connection may have
  // said why in a close frame that is still to be read. If it has not, the read fails as well.
  // After such a failure Asio would wait for the socket to become writable, in vain.
  void write(std::shared_ptr<const std::string> bytes, Done done) {
    const auto report = [this, bytes, done = std::move(done)](error_code error, std::size_t size) {
      if (error) peer_reads_ = false;
      done({}, error ? bytes->size() : size);
    };
    if (!peer_reads_) return boost::asio::post(get_executor(), [bytes, report] { report({}, bytes->size()); });
    on_stream([&](auto& stream) { stream.async_write_some(boost::asio::buffer(*bytes), report); });
  }

  bool refuses(std::string_view bytes) {
    head_ += bytes;  // Beast reads no head over 8 KiB
    if (!head_.starts_with("HTTP/1.") || head_.find("\r\n\r\n") == std::string::npos) return false;
    upgraded_ = head_.starts_with("HTTP/1.1 101");
    if (!upgraded_) refusal_ = head_.substr(0, std::min(head_.find("\r\n"), kMaxStatusLine));
    head_ = {};
    return !upgraded_;
  }

  std::string head_;  // of the answer to the upgrade, until it is complete
  std::string refusal_;
  bool upgraded_ = false;
  bool peer_reads_ = true;  // false after a write has failed
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
