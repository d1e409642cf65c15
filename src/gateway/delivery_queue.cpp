#include "gateway/delivery_queue.hpp"

#include <algorithm>

#include "contract/server_frame.hpp"
#include "gateway/ws_connection.hpp"

namespace nx::gateway {

using fanout::Delivery;

namespace {

constexpr std::size_t kMaxRun = 64;
constexpr std::size_t kRunBytes = 64U * 1024U;  // of one client between two flushes; the last push may exceed it

bool is_in(const session::Session& session, Delivery::To to) {
  if (to == Delivery::To::default_room) return session.rooms().in_default();
  if (to == Delivery::To::notification_room) return session.rooms().in_notification();
  return true;
}

bool is_excluded(const Delivery& delivery, const UuidBytes& id) {
  return delivery.exclude && std::ranges::binary_search(*delivery.exclude, id);
}

/// Number of clients that one piece serves if each gets `bytes`.
std::size_t chunk_of(std::size_t bytes) {
  return std::clamp<std::size_t>(DeliveryQueue::kChunkBytes / std::max<std::size_t>(bytes, 1), 1,
                                 DeliveryQueue::kMaxChunk);
}

}  // namespace

void DeliveryQueue::put(std::vector<Delivery>& deliveries) {
  queue_.swap(deliveries);
  deliveries.clear();
  front_ = 0;
}

std::size_t DeliveryQueue::step() {
  if (empty()) return 0;
  if (run_ == 0 && queue_[front_].is_broadcast()) begin_run();
  return run_ > 0 ? step_run() : step_named();
}

void DeliveryQueue::finish(std::size_t deliveries) {
  // frees the text now and not when the whole queue is done
  for (; deliveries > 0; --deliveries) queue_[front_++] = {};
  position_ = 0;
  run_ = 0;
  frames_ = 0;
}

void DeliveryQueue::begin_run() {
  const Delivery& first = queue_[front_];
  const std::size_t most = std::min(queue_.size() - front_, kMaxRun);
  std::size_t bytes = 0;
  for (run_ = 0; run_ < most && queue_[front_ + run_].same_recipients(first); ++run_) {
    // A run ends above kRunBytes, so that a client can read before the next run and a piece seals few bytes.
    if (bytes > kRunBytes) break;
    bytes += crypto::Sealer::envelope_size(queue_[front_ + run_].text->size());
  }
  chunk_ = chunk_of(bytes);
  position_ = 0;
  if (first.to == Delivery::To::room) {
    recipients_ = room_registry_.members(first.room);
    return;
  }
  recipients_.clear();
  sessions_.each([&](const WsConnection& connection) {
    if (connection.session().is_open() && is_in(connection.session(), first.to))
      recipients_.push_back(connection.key());
  });
}

std::size_t DeliveryQueue::push(WsConnection* connection, const Delivery& delivery, std::string_view tail,
                                std::int64_t seq) {
  if (connection == nullptr) return 0;
  connection->session().push(*delivery.text, tail, seq);
  return crypto::Sealer::envelope_size(delivery.text->size() + tail.size());
}

std::size_t DeliveryQueue::step_run() {
  std::size_t bytes = 0;
  const std::size_t end = std::min(position_ + chunk_, recipients_.size());
  for (; position_ < end; ++position_) {
    WsConnection* connection = sessions_.find(recipients_[position_]);
    if (connection == nullptr) continue;
    for (std::size_t i = front_; i < front_ + run_; ++i) {
      if (!is_excluded(queue_[i], connection->session().id())) bytes += push(connection, queue_[i], {}, 0);
    }
  }
  if (position_ == recipients_.size()) finish(run_);
  return bytes;
}

std::size_t DeliveryQueue::step_named() {
  const Delivery& delivery = queue_[front_];
  std::size_t bytes = 0;
  if (delivery.to == Delivery::To::client) {
    WsConnection* connection = sessions_.at(fanout::read_client_location(delivery.client).slot);
    if (connection != nullptr && connection->session().id() == delivery.client) {
      bytes = push(connection, delivery, {}, 0);
    }
    finish(1);
    return bytes;
  }
  const bool are_hints = delivery.to == Delivery::To::hints;
  const std::size_t count = are_hints ? delivery.hints.size() : delivery.connections.size();
  const std::size_t end = std::min(position_ + chunk_of(crypto::Sealer::envelope_size(delivery.text->size())), count);
  const EpochMs now = are_hints ? now_wall() : EpochMs{};
  for (; position_ < end; ++position_) {
    bytes += are_hints ? push_hint(delivery, delivery.hints[position_], now)
                       : push(sessions_.find(delivery.connections[position_]), delivery, {}, 0);
  }
  if (position_ == count) {
    if (spans_ != nullptr && delivery.origin.parent) note_frames(delivery);
    finish(1);
  }
  return bytes;
}

void DeliveryQueue::note_frames(const Delivery& delivery) {
  const observe::SpanContext& parent = delivery.origin.parent;
  spans_->add({.self = spans_->child_of(parent),
               .parent = parent.span,
               .begin = delivery.put_at,
               .end = trace::now(),
               .details = trace::Frame{frames_, delivery.origin.from_bus}});
}

std::size_t DeliveryQueue::push_hint(const Delivery& delivery, const fanout::ConnectionHint& hint, EpochMs now) {
  WsConnection* const connection = sessions_.find(hint.key);
  if (connection == nullptr) return 0;
  if (connection->session().is_open()) {
    const auto what = connection->session().catching_up() ? PushLog::What::held : PushLog::What::pushed;
    push_log_.add(connection->user_hash(), hint.seq, hint.key, what, now);
    frames_ += what == PushLog::What::pushed ? 1 : 0;
  }
  tail_.clear();
  contract::append_hint_tail(tail_, hint.seq, hint.unread);
  record_to_frame_.record(std::chrono::milliseconds{now.value - delivery.origin.recorded.value});
  return push(connection, delivery, tail_, hint.seq);
}

}  // namespace nx::gateway
