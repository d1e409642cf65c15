// The work of a shard in one turn of its loop, after ready sockets were read. Work that may arrive in any amount waits
// in queues, and each turn takes from the queues in rotation until its budget is spent. So no peer and no burst of
// pushes delays others by more than a turn.

#include <array>

#include "gateway/shard.hpp"

namespace nx::gateway {

namespace {

constexpr int kTokensPerPiece = 4;  // ≈ 1 ms including their key agreements
constexpr std::size_t kTimersPerPiece = 64;

/// Takes keys from the queue until one has a connection that still exists. Returns null when none is left.
template <class Connection>
Connection* take_next(std::deque<fanout::SlotKey>& queue, const Slots<Connection>& connections) {
  while (!queue.empty()) {
    Connection* const connection = connections.find(queue.front());
    queue.pop_front();
    if (connection != nullptr) return connection;
  }
  return nullptr;
}

}  // namespace

bool Shard::turn_lasts() {
  if (arriving_since_ != loop_.now()) {
    arriving_since_ = loop_.now();
    arriving_.begin(arriving_since_);
  }
  return arriving_.lasts();
}

void Shard::end_turn() {
  flush();  // answers to input of this turn are sent before the work begins
  if (stopping_) {
    end_connections();
  } else {
    work();
  }
  flush();
  removed_sessions_.clear();
  removed_requests_.clear();
}

void Shard::work() {
  using Piece = bool (Shard::*)();
  static constexpr std::array<Piece, 10> kSources{&Shard::deliver_piece,
                                                  &Shard::verify_piece,
                                                  &Shard::catch_up_piece,
                                                  &Shard::resume_session_piece,
                                                  &Shard::resume_handshake_piece,
                                                  &Shard::resume_request_piece,
                                                  &Shard::timer_piece,
                                                  &Shard::close_piece,
                                                  &Shard::recheck_piece,
                                                  &Shard::client_query_piece};
  working_.begin(std::chrono::steady_clock::now());
  for (std::size_t idle = 0; idle < kSources.size();) {
    const bool did = (this->*kSources[next_source_])();
    next_source_ = (next_source_ + 1) % kSources.size();
    idle = did ? 0 : idle + 1;
    if (!did || working_.lasts()) continue;
    counters_.turns_cut.add();
    return loop_.again();
  }
}

bool Shard::deliver_piece() {
  if (deliveries_.empty()) {
    if (!has_mail_) return false;
    // sealed frames are sent before more deliveries are taken: a push that a client sends in reaction to them may then
    // arrive in time
    flush();
    has_mail_ = false;
    context_.fanout_shards.mailbox(index_).take(incoming_);
    deliveries_.put(incoming_);
  }
  if (freeing_memory_ ||
      // nothing more is sealed until memory has been released
      (!holders_.empty() && context_.ledger.is_over())) {
    free_memory_later();
    return false;
  }
  const std::size_t bytes = deliveries_.step();
  if (deliveries_.empty() && gradual_close_ && gradual_close_->batches_before > 0) --gradual_close_->batches_before;
  working_.spend(bytes);
  unflushed_ += bytes;
  if (dirty_.size() >= deliveries_.chunk() || unflushed_ >= DeliveryQueue::kChunkBytes) flush();
  return true;
}

bool Shard::verify_piece() {
  for (int i = 0; i < kTokensPerPiece; ++i) {
    if (tokens_.empty()) return i > 0;
    verify_next();
  }
  return true;
}

bool Shard::catch_up_piece() {
  ask_more_missed();
  if (!missed_answers_.empty()) {
    MissedAnswer next = std::move(missed_answers_.front());
    missed_answers_.pop_front();
    --missed_in_flight_;
    if (!next.answer) count_unanswered_catch_up(next.answer.error().message);
    if (WsConnection* asker = sessions_.find(next.key)) {
      asker->session().on_missed(std::move(next.answer));
      asker->answered();
    }
  } else if (WsConnection* reader = take_next(drained_, sessions_)) {
    reader->drained();
  } else {
    return false;
  }
  // what a catch-up may queue before it waits for its client to read
  working_.spend(context_.options.backpressure_bytes / 4);
  flush();
  return true;
}

bool Shard::resume_session_piece() {
  WsConnection* const connection = take_next(paused_sessions_, sessions_);
  if (connection != nullptr) connection->resume();
  return connection != nullptr;
}

bool Shard::resume_handshake_piece() {
  HttpConnection* const connection = take_next(paused_handshakes_, requests_);
  if (connection != nullptr) connection->resume();
  return connection != nullptr;
}

bool Shard::resume_request_piece() {
  HttpConnection* const connection = take_next(paused_requests_, requests_);
  if (connection != nullptr) connection->resume();
  return connection != nullptr;
}

bool Shard::timer_piece() {
  // One timer at a time: the cost of a timer varies from a comparison of times to the end of a catch-up.
  for (std::size_t fired = 0; timers_due_ && fired < kTimersPerPiece; ++fired) {
    timers_due_ = wheel_.advance(loop_.now(), 1);
    if (!working_.lasts()) break;
  }
  return timers_due_;
}

}  // namespace nx::gateway
