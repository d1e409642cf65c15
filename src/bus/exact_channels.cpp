#include "bus/exact_channels.hpp"

#include <utility>

namespace nx::bus {

void ExactChannels::queue(const std::string& name, Channel& channel) {
  if (channel.queued) return;
  channel.queued = true;
  to_subscribe_.push_back(name);
  ++queued_;
}

void ExactChannels::add(const std::vector<std::string>& channels, std::function<void()> confirmed, Time until) {
  for (const std::string& name : channels) {
    Channel& channel = channels_[name];
    if (channel.subscribers++ == 0 && up_) queue(name, channel);
  }
  // All subscriptions queued or sent so far include these channels.
  if (confirmed) waiting_.push_back({queued_, until, std::move(confirmed)});
}

void ExactChannels::remove(const std::vector<std::string>& channels) {
  for (const std::string& name : channels) {
    const auto found = channels_.find(name);
    if (found == channels_.end() || found->second.subscribers == 0) continue;
    if (--found->second.subscribers > 0) continue;
    if (found->second.told) {
      to_unsubscribe_.push_back(name);
    } else if (!found->second.queued) {
      channels_.erase(found);
    }
  }
}

ExactChannels::Slice ExactChannels::next_slice() {
  Slice slice;
  take_subscriptions(slice);
  if (slice.channels.empty()) take_unsubscriptions(slice);
  return slice;
}

void ExactChannels::take_subscriptions(Slice& slice) {
  slice.subscribe = true;
  for (; !to_subscribe_.empty() && slice.channels.size() < kSlice; to_subscribe_.pop_front(), ++sent_) {
    const auto found = channels_.find(to_subscribe_.front());
    Channel& channel = found->second;
    channel.queued = false;
    if (channel.told) continue;
    if (channel.subscribers == 0) {
      channels_.erase(found);
      continue;
    }
    channel.told = true;
    slice.channels.push_back(std::move(to_subscribe_.front()));
  }
}

void ExactChannels::take_unsubscriptions(Slice& slice) {
  slice.subscribe = false;
  for (; !to_unsubscribe_.empty() && slice.channels.size() < kSlice; to_unsubscribe_.pop_front()) {
    const auto found = channels_.find(to_unsubscribe_.front());
    // Needed again meanwhile, or already unsubscribed.
    if (found == channels_.end() || found->second.subscribers > 0 || !found->second.told) continue;
    channels_.erase(found);
    slice.channels.push_back(std::move(to_unsubscribe_.front()));
  }
}

std::vector<std::function<void()>> ExactChannels::settled() {
  std::vector<std::function<void()>> over;
  while (!waiting_.empty() && waiting_.front().after <= sent_) {
    over.push_back(std::move(waiting_.front().confirmed));
    waiting_.pop_front();
  }
  return over;
}

std::vector<std::function<void()>> ExactChannels::overdue(Time now) {
  std::vector<std::function<void()>> over;
  while (!waiting_.empty() && waiting_.front().until <= now) {
    over.push_back(std::move(waiting_.front().confirmed));
    waiting_.pop_front();
  }
  return over;
}

std::vector<std::function<void()>> ExactChannels::lost() {
  up_ = false;
  to_subscribe_.clear();
  to_unsubscribe_.clear();
  sent_ = queued_;
  for (auto at = channels_.begin(); at != channels_.end();) {
    at->second.told = at->second.queued = false;
    at = at->second.subscribers == 0 ? channels_.erase(at) : std::next(at);
  }
  return settled();
}

void ExactChannels::restart() {
  up_ = true;
  for (auto& [name, channel] : channels_) queue(name, channel);
}

}  // namespace nx::bus
