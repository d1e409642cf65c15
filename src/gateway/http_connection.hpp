#pragma once
// A connection before (or without) the upgrade: PROXY header, TLS handshake, then HTTP/1.1 requests, each answered
// before the next is parsed. Destroyed at the upgrade, so that a WebSocket client needs no memory for it. Home thread
// only.

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "fanout/connection_location.hpp"
#include "gateway/admission.hpp"
#include "gateway/answer_writer.hpp"
#include "gateway/drop_counters.hpp"
#include "gateway/holders.hpp"
#include "gateway/proxy_header_reader.hpp"
#include "runtime/timer_wheel.hpp"
#include "transport/http_parser.hpp"
#include "transport/http_writer.hpp"
#include "transport/socket.hpp"

namespace nx::gateway {

struct ShardParts;

/// A request that has not completely arrived.
struct ArrivingRequest {
  transport::HttpParser parser;
  bool body_timed = false;  // the time-out of the body has begun
  bool continued = false;   // `100 Continue` was sent
};

class HttpConnection final : public runtime::IoHandler, public runtime::Timer, public Holder {
 public:
  HttpConnection(ShardParts& shard, transport::Socket socket, fanout::SlotKey key, const transport::IpAddress& peer,
                 Admission::Place place);

  void start();
  void on_ready(std::uint32_t ready) override;
  void on_timer() override;

  /// The handler's answer to request number `request`. Late and repeated answers are ignored.
  void respond(std::uint64_t request, transport::HttpResponse response);

  // Holder
  void make_room() override { drop(Dropped::memory); }
  bool watch_backlog() override { return false; }

  fanout::SlotKey key() const { return key_; }
  const transport::IpAddress& peer() const { return peer_; }
  void finish();
  /// finish(), and counts and logs the reason for operators.
  void drop(Dropped reason, std::string_view detail = {});
  /// Closes the connection if it is between two requests, when its peer waits for no answer.
  void finish_if_idle();
  /// The connection makes room for another. A request that has arrived by now is answered first, if that takes no
  /// longer than kYieldWait.
  void yield();
  /// Called when its turn comes after pause().
  void resume();

 private:
  static constexpr std::chrono::milliseconds kReaderCheck{1'000};  // time between two checks whether the peer reads
  // Short, because the acceptor pauses while many connections still have to make room.
  static constexpr std::chrono::milliseconds kYieldWait{100};

  enum class Stage : std::uint8_t { proxy_header, request, answering, writing, lingering, finished };

  bool is_finished() const { return stage_ == Stage::finished; }

  void read_proxy_header();
  void begin_requests();
  void read();
  transport::IoStatus read_once();
  void read_what_came();
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
  void detach();
  void account();
  void schedule(std::chrono::milliseconds from_now);

  ShardParts& shard_;
  transport::Socket socket_;
  fanout::SlotKey key_;
  transport::IpAddress peer_;    // the peer of the TCP connection, or the one that the PROXY header names
  transport::IpAddress client_;  // of the current request: behind trusted proxies the forwarded address
  bool peer_named_ = false;      // a trusted proxy's PROXY header named the peer
  Stage stage_ = Stage::request;
  bool paused_ = false;  // resume() will be called; nothing is read until then
  bool yields_ = false;  // closed as soon as the request that had arrived is answered
  bool head_only_ = false;
  bool keep_alive_ = false;
  Admission::Place place_;
  ProxyHeaderReader proxy_header_;
  std::optional<ArrivingRequest> arriving_;
  std::string input_;       // bytes read but not parsed: pipelined requests
  std::size_t asking_ = 0;  // bytes of the request that is being answered
  AnswerWriter answer_;
  runtime::SteadyTime keep_alive_end_;  // end of the wait for the next request
  std::uint64_t request_ = 0;           // number of the requests so far
  std::string path_, origin_;           // of the current request
  std::uint32_t interest_ = 0;
};

}  // namespace nx::gateway
