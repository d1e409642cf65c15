#include "gateway/shard.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include "gateway/http_connection.hpp"
#include "gateway/ws_connection.hpp"

namespace nx::gateway {

namespace {

constexpr std::size_t kTimersPerPiece = 64;
constexpr std::chrono::milliseconds kAnswerPatience{6'000};  // longer than a JWKS fetch and the limit of a statement

}  // namespace

Shard::Shard(GatewayContext& context, std::uint32_t index)
    : parts_(context, index),
      deliveries_(parts_.sessions, parts_.rooms, parts_.counters.record_to_frame, parts_.push_log,
                  context.options.tracer != nullptr ? &context.options.tracer->writer() : nullptr),
      recheck_(parts_.sessions, parts_.loop, context.lookups, parts_.room_reports, parts_.questions),
      queries_(parts_.sessions, parts_.push_log, parts_.loop),
      late_hints_(parts_.sessions, parts_.loop, context, parts_.push_log, parts_.counters, parts_.questions) {
  context.fanout_shards.add([this] { parts_.loop.post([this] { has_mail_ = true; }); });
}

Shard::~Shard() = default;

void Shard::start() {
  const GatewayOptions& options = parts_.context.options;
  parts_.handler.answer_to(std::shared_ptr<runtime::EventLoop>(shared_from_this(), &parts_.loop));
  parts_.loop.at_turn_end([this] { end_turn(); });
  parts_.loop.every(runtime::TimerWheel::kGranularity, [this] { tick(); });
  parts_.loop.every(options.session.room_check_interval, [this] { recheck_.begin(); });
  parts_.loop.every(options.server_key_lifetime, [this] { parts_.server_key = crypto::KeyPair::generate(); });
  parts_.counters.ticked.store(std::chrono::steady_clock::now(), std::memory_order_relaxed);
  thread_ = std::thread([this] { parts_.loop.run(); });
}

void Shard::tick() {
  const auto now = parts_.loop.now();
  if (last_tick_ != runtime::SteadyTime{}) {
    const auto late = now - last_tick_ - runtime::TimerWheel::kGranularity;
    parts_.counters.loop_lag.record(std::chrono::duration_cast<std::chrono::microseconds>(late));
  }
  last_tick_ = now;
  parts_.counters.ticked.store(now, std::memory_order_relaxed);
  timers_due_ = true;
  parts_.memory.watch_backlogs();
  parts_.acks.write();
  if (stopping_) end_when_answered();
}

void Shard::join() {
  if (thread_.joinable()) thread_.join();
  // Connections are destroyed now, because the bus to which they are subscribed may be destroyed before the shard.
  parts_.connections.destroy_all();
}

void Shard::adopt(transport::Socket socket, const transport::IpAddress& peer, Admission::Place place) {
  struct Arrival {
    transport::Socket socket;
    Admission::Place place;
  };
  parts_.loop.post([this, arrival = std::make_shared<Arrival>(std::move(socket), std::move(place)), peer] {
    if (!stopping_) parts_.connections.adopt(std::move(arrival->socket), peer, std::move(arrival->place));
  });
}

void Shard::yield_later(fanout::SlotKey key, bool upgraded, Yield why) {
  parts_.loop.post([this, key, upgraded, why] {
    if (WsConnection* const session = upgraded ? parts_.sessions.find(key) : nullptr) {
      parts_.reports.yielded(why, session->address());
      session->yield();
    }
    if (HttpConnection* const request = upgraded ? nullptr : parts_.requests.find(key)) {
      parts_.reports.yielded(why, request->peer());
      request->yield();
    }
  });
}

void Shard::close_later(fanout::SlotKey key, session::Closing closing) {
  parts_.loop.post([this, key, closing] {
    if (WsConnection* connection = parts_.sessions.find(key)) connection->session().close(closing);
  });
}

void Shard::push_late_hints(EpochMs since) {
  parts_.loop.post([this, since] {
    if (!stopping_) late_hints_.begin(since);
  });
}

void Shard::release_memory_later() {
  parts_.loop.post([this] { parts_.memory.release(); });
}

void Shard::close_gradually() {
  parts_.loop.post([this] {
    gradual_close_.emplace(parts_.sessions, parts_.requests,
                           GradualClose::Plan{.begin = parts_.loop.now(),
                                              .grace = parts_.context.options.shutdown_grace,
                                              .batches_before = (deliveries_.empty() ? 0 : 1) + (has_mail_ ? 1 : 0)});
  });
}

void Shard::stop() {
  parts_.loop.post([this] {
    if (stopping_) return;
    stopping_ = true;
    stop_at_ = parts_.loop.now() + kAnswerPatience;
    parts_.flusher.flush();
    parts_.tokens.clear();
    parts_.catch_ups.clear();
    parts_.acks.hurry();
    queries_.stop();
  });
}

/// Ends as many connections as one turn allows. The loop continues until none is left, because a request that is not
/// ended yet may still be upgraded to another connection.
void Shard::end_connections() {
  parts_.turn.begin_work();
  while (!parts_.connections.empty()) {
    parts_.connections.end_one();
    if (parts_.turn.works_on()) continue;
    parts_.counters.turns_cut.add();
    return parts_.loop.again();
  }
  parts_.acks.write();  // no client is left that could acknowledge more
  end_when_answered();
}

/// The loop does not end before all questions were answered or have timed out.
void Shard::end_when_answered() {
  const bool idle = parts_.questions.none() && parts_.connections.empty();
  if (idle || parts_.loop.now() >= stop_at_) parts_.loop.stop();
}

void Shard::end_turn() {
  parts_.flusher.flush();  // answers to input of this turn are sent before the work begins
  if (stopping_) {
    end_connections();
  } else {
    work();
  }
  parts_.flusher.flush();
  parts_.connections.destroy_removed();
}

void Shard::work() {
  using Piece = bool (Shard::*)();
  static constexpr std::array<Piece, 11> kSources{&Shard::deliver_piece,
                                                  &Shard::verify_piece,
                                                  &Shard::catch_up_piece,
                                                  &Shard::resume_session_piece,
                                                  &Shard::resume_handshake_piece,
                                                  &Shard::resume_request_piece,
                                                  &Shard::timer_piece,
                                                  &Shard::close_piece,
                                                  &Shard::recheck_piece,
                                                  &Shard::query_piece,
                                                  &Shard::late_hints_piece};
  parts_.turn.begin_work();
  for (std::size_t idle = 0; idle < kSources.size();) {
    const bool did = (this->*kSources[next_source_])();
    next_source_ = (next_source_ + 1) % kSources.size();
    idle = did ? 0 : idle + 1;
    if (!did || parts_.turn.works_on()) continue;
    parts_.counters.turns_cut.add();
    return parts_.loop.again();
  }
}

bool Shard::deliver_piece() {
  Flusher& flusher = parts_.flusher;
  if (deliveries_.empty()) {
    if (!has_mail_) return false;
    // sealed frames are sent before more deliveries are taken: a push that results from a client's reaction may then
    // be taken together with those deliveries
    flusher.flush();
    has_mail_ = false;
    parts_.context.fanout_shards.mailbox(parts_.index).take(incoming_);
    deliveries_.put(incoming_);
  }
  if (parts_.memory.is_short()) return false;
  const std::size_t bytes = deliveries_.step();
  if (deliveries_.empty() && gradual_close_) gradual_close_->batch_sent();
  parts_.turn.spend_working(bytes);
  flusher.add_sealed(bytes);
  if (flusher.waiting() >= deliveries_.chunk() || flusher.sealed() >= DeliveryQueue::kChunkBytes) flusher.flush();
  return true;
}

bool Shard::verify_piece() {
  return parts_.tokens.verify_some();
}

bool Shard::catch_up_piece() {
  if (!parts_.catch_ups.step()) return false;
  // The bytes that a catch-up may queue before it waits until its client has read.
  parts_.turn.spend_working(parts_.context.options.session.backpressure_bytes / 4);
  parts_.flusher.flush();
  return true;
}

bool Shard::resume_session_piece() {
  WsConnection* const connection = parts_.paused_sessions.take();
  if (connection != nullptr) connection->resume();
  return connection != nullptr;
}

bool Shard::resume_handshake_piece() {
  HttpConnection* const connection = parts_.paused_handshakes.take();
  if (connection != nullptr) connection->resume();
  return connection != nullptr;
}

bool Shard::resume_request_piece() {
  HttpConnection* const connection = parts_.paused_requests.take();
  if (connection != nullptr) connection->resume();
  return connection != nullptr;
}

bool Shard::timer_piece() {
  // One timer at a time: the cost of a timer varies from a comparison of times to the end of a catch-up.
  for (std::size_t fired = 0; timers_due_ && fired < kTimersPerPiece; ++fired) {
    timers_due_ = parts_.wheel.advance(parts_.loop.now(), 1);
    if (!parts_.turn.works_on()) break;
  }
  return timers_due_;
}

bool Shard::close_piece() {
  return gradual_close_ && gradual_close_->step(parts_.loop.now());
}

bool Shard::recheck_piece() {
  return recheck_.step();
}

bool Shard::query_piece() {
  return queries_.step();
}

bool Shard::late_hints_piece() {
  if (late_hints_.has_answer() && parts_.memory.is_short()) return false;
  const std::optional<std::size_t> bytes = late_hints_.step();
  if (!bytes) return false;
  parts_.turn.spend_working(*bytes);
  parts_.flusher.add_sealed(*bytes);
  if (parts_.flusher.sealed() >= DeliveryQueue::kChunkBytes) parts_.flusher.flush();
  return true;
}

}  // namespace nx::gateway
