#include "fanout/mailbox.hpp"

#include <utility>

namespace nx::fanout {

bool Mailbox::put(Delivery delivery) {
  const std::size_t cost = delivery.text->size() + delivery.hints.size() * sizeof(ConnectionHint) +
                           delivery.connections.size() * sizeof(SlotKey);
  bool was_empty = false;
  {
    const std::lock_guard lock(mutex_);
    if (pushes_.size() >= kMaxPushes || (!pushes_.empty() && bytes_ + cost > kMaxBytes)) {
      dropped_.add();
      return false;
    }
    was_empty = pushes_.empty();
    bytes_ += cost;
    pushes_.push_back(std::move(delivery));
  }
  if (was_empty) wake_();
  return true;
}

void Mailbox::take(std::vector<Delivery>& out) {
  out.clear();
  const std::lock_guard lock(mutex_);
  pushes_.swap(out);
  bytes_ = 0;
}

}  // namespace nx::fanout
