#include "bus/probes.hpp"

#include <algorithm>

namespace nx::bus {
namespace {

constexpr std::size_t kMissing = 3;  // after this many lost probes a master counts as silent
// how long a message may take from one master of a cluster to the node of our subscription
constexpr std::chrono::milliseconds kDetour{500};

}  // namespace

void Probes::accepted(std::uint64_t number, runtime::SteadyTime now) {
  if (accepted_.size() < kMissing) accepted_.emplace_back(number, now);
}

bool Probes::receive(std::uint64_t number) {
  if (number <= received_ || number > sent_) return false;
  received_ = number;
  if (number < counts_from_) return false;
  silent_ = false;
  return true;
}

bool Probes::judge(runtime::SteadyTime received_until) {
  const bool was_silent = std::exchange(silent_, is_silent(received_until));
  return silent_ != was_silent;
}

/// A probe is lost when Redis has accepted it and the subscription has meanwhile received what was published after it.
/// While the subscription is still busy with earlier messages, a probe may still be on its way.
bool Probes::is_silent(runtime::SteadyTime received_until) {
  const std::uint64_t first = std::max(received_ + 1, counts_from_);
  while (!accepted_.empty() && accepted_.front().first < first) accepted_.pop_front();
  return accepted_.size() >= kMissing && accepted_.back().second + kDetour < received_until;
}

}  // namespace nx::bus
