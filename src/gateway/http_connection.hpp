#pragma once
// A connection before (or without) the upgrade: PROXY header, TLS handshake, HTTP/1.1 requests one after another, each
// answered before the next is read. Dropped at the upgrade, so that a WebSocket client costs none of it. Home thread
// only.

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "fanout/connection_location.hpp"
#include "gateway/admission.hpp"
#include "gateway/drop_counters.hpp"
#include "gateway/holders.hpp"
#include "runtime/timer_wheel.hpp"
#include "transport/http_parser.hpp"
#include "transport/http_writer.hpp"
#include "transport/socket.hpp"

namespace nx::gateway {

class Shard;

class HttpConnection final : public runtime::IoHandler, public runtime::Timer, public Holder {
 public:
  HttpConnection(Shard& shard, transport::Socket socket, fanout::SlotKey key, const transport::IpAddress& peer,
                 Admission::Place place);

  void start();
  void on_ready(std::uint32_t ready) override;
  void on_timer() override;

  /// The handler's answer to request number `request`; late and double ones are ignored.
  void respond(std::uint64_t request, transport::HttpResponse response);

  // Holder
  void make_room() override { drop(Dropped::memory); }
  bool watch_backlog() override { return false; }

  fanout::SlotKey key() const { return key_; }
  const transport::IpAddress& peer() const { return peer_; }
  void finish();
  /// finish() with a reason that an operator finds.
  void drop(Dropped reason, std::string_view detail = {});
  /// Between requests: nobody waits for an answer.
  void finish_if_idle();
  /// When its turn comes, after pause().
  void resume();
  /// What it waits for its turn with: handshakes of TLS are long and have a queue of their own.
  enum class Before : std::uint8_t { handshake, request };

 private:
  enum class Stage : std::uint8_t { proxy_header, request, answering, writing, lingering };

  void read_proxy_header();
  void begin_requests();
  void read();
  void advance();
  bool begin_request();
  bool parse();
  void wait_for_more();
  void pause();
  void lost();
  void serve(bool broken);
  void handle(transport::HttpRequest request);
  bool may_be_served(const transport::HttpRequest& request);
  void handle_stream(transport::HttpRequest request);
  void handle_upgrade(const transport::HttpRequest& request, const std::string& accept);
  void upgrade(const std::string& accept);
  void answer(transport::HttpResponse response);
  void refuse(int status, std::string_view message);
  enum class Written : std::uint8_t { first, more };
  void write(Written part);
  void wait_for_reader();
  bool is_being_read();
  void await_request();
  void linger();
  void settle();
  void account();
  void schedule(std::chrono::milliseconds from_now);

  Shard& shard_;
  transport::Socket socket_;
  fanout::SlotKey key_;
  transport::IpAddress peer_;    // as connected, or as the PROXY header says
  transport::IpAddress client_;  // of the request at hand: behind trusted proxies the forwarded one
  bool peer_named_ = false;      // by a trusted proxy's PROXY header
  Admission::Place place_;
  Stage stage_ = Stage::request;
  std::optional<transport::HttpParser> parser_;
  bool body_timed_ = false;
  bool continued_ = false;
  bool paused_ = false;     // resume() is to come; nothing is read until then
  std::size_t peeked_ = 0;  // of an incomplete PROXY header
  std::string input_;       // read and not parsed: what a client sent ahead
  std::size_t asking_ = 0;  // bytes of the request that is being answered
  std::string output_;
  std::size_t sent_ = 0;
  std::size_t unacknowledged_ = 0;      // when the reader was looked at last
  runtime::SteadyTime read_on_;         // when it was last seen to read
  runtime::SteadyTime keep_alive_end_;  // of the wait for the next request
  std::uint64_t request_ = 0;
  std::string path_, origin_;
  bool head_only_ = false;
  bool keep_alive_ = false;
  bool finished_ = false;
  std::uint32_t interest_ = 0;
};

}  // namespace nx::gateway
