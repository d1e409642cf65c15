#include "gateway/delivery_queue.hpp"

#include <algorithm>
#include <iterator>

#include "contract/server_frame.hpp"
#include "gateway/ws_connection.hpp"

namespace nx::gateway {

using fanout::Delivery;

namespace {

constexpr std::size_t kChunkBytes =
    256U * 1024U;  // of sealed frames between two flushes: stays in the second-level cache
constexpr std::size_t kMinChunk = 16;
constexpr std::size_t kMaxRun = 64;
constexpr std::size_t kRunBytes = 64U * 1024U;  // of one client between two flushes, and one push more

bool is_in(const session::Session& session, Delivery::To to) {
  if (to == Delivery::To::default_room) return session.rooms().in_default();
  if (to == Delivery::To::notification_room) return session.rooms().in_notification();
  return true;
}

bool is_excluded(const Delivery& delivery, const UuidBytes& id) {
  return delivery.exclude && std::ranges::binary_search(*delivery.exclude, id);
}

}  // namespace

void DeliveryQueue::put(std::vector<Delivery>& deliveries) {
  std::ranges::move(deliveries, std::back_inserter(queue_));
  deliveries.clear();
}

std::size_t DeliveryQueue::step() {
  if (queue_.empty()) return 0;
  if (run_ == 0 && queue_.front().is_broadcast()) begin_run();
  if (run_ > 0) return step_run();
  const std::size_t pushes = deliver(queue_.front());
  queue_.pop_front();
  return pushes;
}

void DeliveryQueue::begin_run() {
  const Delivery& first = queue_.front();
  std::size_t bytes = 0;
  for (run_ = 0; run_ < std::min(queue_.size(), kMaxRun) && queue_[run_].same_audience(first); ++run_) {
    // Long ones go one by one: a client gets to read between them, and a chunk of clients stays a few megabytes.
    if (bytes > kRunBytes) break;
    bytes += crypto::Sealer::envelope_size(queue_[run_].text->size());
  }
  chunk_ = std::clamp(kChunkBytes / bytes, kMinChunk, kMaxChunk);
  position_ = 0;
  if (first.to == Delivery::To::room) {
    audience_ = roster_.members(first.room);
    return;
  }
  audience_.clear();
  sessions_.each([&](const WsConnection& connection) {
    if (connection.session().is_open() && is_in(connection.session(), first.to)) audience_.push_back(connection.key());
  });
}

std::size_t DeliveryQueue::step_run() {
  std::size_t pushes = 0;
  const std::size_t end = std::min(position_ + chunk_, audience_.size());
  for (; position_ < end; ++position_) {
    WsConnection* connection = sessions_.find(audience_[position_]);
    if (connection == nullptr) continue;
    session::Session& session = connection->session();
    for (std::size_t i = 0; i < run_; ++i) {
      const Delivery& delivery = queue_[i];
      if (is_excluded(delivery, session.id())) continue;
      session.push(*delivery.text, {}, 0);
      ++pushes;
    }
  }
  if (position_ == audience_.size()) {
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(run_));
    run_ = 0;
  }
  return pushes;
}

std::size_t DeliveryQueue::deliver(const Delivery& delivery) {
  std::size_t pushes = 0;
  const auto push = [&](WsConnection* connection, std::string_view tail, std::int64_t seq) {
    if (connection == nullptr) return;
    connection->session().push(*delivery.text, tail, seq);
    ++pushes;
  };
  if (delivery.to == Delivery::To::client) {
    WsConnection* connection = sessions_.at(fanout::read_client_seat(delivery.client).slot);
    if (connection != nullptr && connection->session().id() == delivery.client) push(connection, {}, 0);
  }
  for (const fanout::SeatKey& seat : delivery.seats) push(sessions_.find(seat), {}, 0);
  for (const fanout::HintSeat& hint : delivery.hints) {
    tail_.clear();
    contract::append_hint_tail(tail_, hint.seq, hint.unread);
    push(sessions_.find(hint.seat), tail_, hint.seq);
  }
  if (delivery.to == Delivery::To::hints && pushes > 0) {
    const std::chrono::milliseconds age{now_wall().value - delivery.recorded.value};
    for (std::size_t i = 0; i < pushes; ++i) record_to_frame_.record(age);
  }
  return pushes;
}

}  // namespace nx::gateway
