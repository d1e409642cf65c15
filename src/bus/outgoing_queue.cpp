#include "bus/outgoing_queue.hpp"

#include <algorithm>
#include <utility>

#include "contract/bus_channels.hpp"

namespace nx::bus {

bool OutgoingQueue::put(Outgoing outgoing) {
  const std::lock_guard lock(mutex_);
  if (outgoing.bytes() > limits_.bytes) {  // it would push out all other messages and then itself
    too_big_.add();
    return false;
  }
  const bool was_empty = waiting_.empty();
  const auto added = waiting_.insert(waiting_.end(), std::move(outgoing));
  bytes_ += added->bytes();
  if (contract::is_user_channel(added->channel)) of_user_[added->channel].push_back(added);
  shrink(added->channel);
  return was_empty;
}

std::optional<Outgoing> OutgoingQueue::take() {
  const auto oldest = std::chrono::steady_clock::now() - limits_.age;
  const std::lock_guard lock(mutex_);
  while (!waiting_.empty() && waiting_.front().at < oldest) drop(waiting_.begin(), too_old_);
  if (waiting_.empty()) return std::nullopt;
  return remove(waiting_.begin());
}

bool OutgoingQueue::wait_for_room(std::chrono::steady_clock::time_point deadline) const {
  std::unique_lock lock(mutex_);
  while (!has_room()) {
    const auto until = std::min(deadline, end_of_waits_);
    if (std::chrono::steady_clock::now() >= until) return false;
    room_.wait_until(lock, until);
  }
  return true;
}

void OutgoingQueue::end_waits(std::chrono::steady_clock::time_point end) {
  const std::lock_guard lock(mutex_);
  end_of_waits_ = end;
  room_.notify_all();
}

void OutgoingQueue::put_back(std::deque<Outgoing> returned) {
  const std::lock_guard lock(mutex_);
  while (!returned.empty()) {
    const auto added = waiting_.insert(waiting_.begin(), std::move(returned.back()));
    returned.pop_back();
    bytes_ += added->bytes();
    if (contract::is_user_channel(added->channel)) of_user_[added->channel].push_front(added);
    shrink(added->channel);
  }
}

bool OutgoingQueue::empty() const {
  const std::lock_guard lock(mutex_);
  return waiting_.empty();
}

OutgoingQueue::Dropped OutgoingQueue::dropped() const {
  return {.messages = too_many_.value(), .bytes = too_big_.value(), .age = too_old_.value()};
}

/// Applies the bounds after a message on `channel` was added, and may drop that message itself.
void OutgoingQueue::shrink(const std::string& channel) {
  const auto found = of_user_.find(channel);
  const bool much_waits = waiting_.size() > limits_.messages / 4 || bytes_ > limits_.bytes / 4;
  if (much_waits && found != of_user_.end() && found->second.size() > limits_.of_one_user) {
    drop(found->second.front(), too_many_);
  }
  while (waiting_.size() > limits_.messages) drop(waiting_.begin(), too_many_);
  while (bytes_ > limits_.bytes && !waiting_.empty()) drop(waiting_.begin(), too_big_);
}

void OutgoingQueue::drop(Messages::iterator one, observe::Counter& cause) {
  remove(one);
  cause.add();
}

/// A removed message is always the first of its channel: only the oldest of all, or the oldest of one user, is removed.
Outgoing OutgoingQueue::remove(Messages::iterator one) {
  bytes_ -= one->bytes();
  if (const auto found = of_user_.find(one->channel); found != of_user_.end()) {
    found->second.pop_front();
    if (found->second.empty()) of_user_.erase(found);
  }
  Outgoing removed = std::move(*one);
  waiting_.erase(one);
  if (has_room()) room_.notify_all();
  return removed;
}

}  // namespace nx::bus
