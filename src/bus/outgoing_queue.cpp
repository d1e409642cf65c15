#include "bus/outgoing_queue.hpp"

#include <utility>

namespace nx::bus {

bool OutgoingQueue::put(Outgoing outgoing) {
  const std::lock_guard lock(mutex_);
  if (outgoing.bytes() > limits_.bytes) {  // it would push out all others, and then itself
    too_big_.add();
    return false;
  }
  const bool was_empty = waiting_.empty();
  bytes_ += outgoing.bytes();
  waiting_.push_back(std::move(outgoing));
  shrink();
  return was_empty;
}

std::optional<Outgoing> OutgoingQueue::take() {
  const auto oldest = std::chrono::steady_clock::now() - limits_.age;
  const std::lock_guard lock(mutex_);
  while (!waiting_.empty() && waiting_.front().at < oldest) drop_front(too_old_);
  if (waiting_.empty()) return std::nullopt;
  Outgoing first = std::move(waiting_.front());
  waiting_.pop_front();
  bytes_ -= first.bytes();
  if (has_room()) room_.notify_all();
  return first;
}

bool OutgoingQueue::wait_for_room(std::chrono::steady_clock::time_point deadline) const {
  std::unique_lock lock(mutex_);
  return room_.wait_until(lock, deadline, [this] { return has_room(); });
}

void OutgoingQueue::put_back(std::deque<Outgoing> returned) {
  const std::lock_guard lock(mutex_);
  while (!returned.empty()) {
    bytes_ += returned.back().bytes();
    waiting_.push_front(std::move(returned.back()));
    returned.pop_back();
  }
  shrink();
}

bool OutgoingQueue::empty() const {
  const std::lock_guard lock(mutex_);
  return waiting_.empty();
}

OutgoingQueue::Dropped OutgoingQueue::dropped() const {
  return {.messages = too_many_.value(), .bytes = too_big_.value(), .age = too_old_.value()};
}

void OutgoingQueue::shrink() {
  while (waiting_.size() > limits_.messages) drop_front(too_many_);
  while (bytes_ > limits_.bytes && !waiting_.empty()) drop_front(too_big_);
}

void OutgoingQueue::drop_front(observe::Counter& cause) {
  bytes_ -= waiting_.front().bytes();
  waiting_.pop_front();
  cause.add();
}

}  // namespace nx::bus
