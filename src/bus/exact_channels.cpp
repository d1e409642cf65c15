#include "bus/exact_channels.hpp"

#include <utility>

namespace nx::bus {

void ExactChannels::queue(const std::string& name, Channel& channel) {
  if (channel.queued) return;
  channel.queued = true;
  to_tell_.push_back(name);
  ++queued_;
}

void ExactChannels::want(const std::vector<std::string>& channels, std::function<void()> confirmed, Time until) {
  for (const std::string& name : channels) {
    Channel& channel = channels_[name];
    if (channel.wanted++ == 0 && up_) queue(name, channel);
  }
  // Whatever is queued or on its way now includes these.
  if (confirmed) waiting_.push_back({queued_, until, std::move(confirmed)});
}

void ExactChannels::unwant(const std::vector<std::string>& channels) {
  for (const std::string& name : channels) {
    const auto found = channels_.find(name);
    if (found == channels_.end() || found->second.wanted == 0) continue;
    if (--found->second.wanted > 0) continue;
    if (up_) {
      queue(name, found->second);
    } else {
      channels_.erase(found);
    }
  }
}

ExactChannels::Slice ExactChannels::next_slice() {
  Slice slice;
  while (!to_tell_.empty() && slice.channels.size() < kSlice) {
    std::string& name = to_tell_.front();
    const auto found = channels_.find(name);
    Channel& channel = found->second;
    const bool wanted = channel.wanted > 0;
    if (wanted != channel.told) {
      if (slice.channels.empty()) slice.subscribe = wanted;
      if (slice.subscribe != wanted) break;  // a slice is one command
      channel.told = wanted;
      slice.channels.push_back(name);
    }
    channel.queued = false;
    if (!wanted) channels_.erase(found);
    to_tell_.pop_front();
    ++sent_;
  }
  return slice;
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
  to_tell_.clear();
  sent_ = queued_;
  for (auto at = channels_.begin(); at != channels_.end();) {
    at->second.told = at->second.queued = false;
    at = at->second.wanted == 0 ? channels_.erase(at) : std::next(at);
  }
  return settled();
}

void ExactChannels::restart() {
  up_ = true;
  for (auto& [name, channel] : channels_) queue(name, channel);
}

}  // namespace nx::bus
