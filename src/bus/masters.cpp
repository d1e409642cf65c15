#include "bus/masters.hpp"

#include <algorithm>
#include <iterator>

namespace nx::bus {

Masters::Masters(const std::vector<redis::Node>& nodes, std::size_t start) : start_(start) {
  for (const redis::Node& node : nodes) map_[node];
}

Master* Masters::publishing() {
  const auto open = [](const Master& master) { return master.is_open() && master.role.known(); };
  const auto current = map_.find(via_);
  if (current != map_.end() && open(current->second) && !current->second.probes.silent()) return &current->second;
  if (map_.empty()) return nullptr;
  auto best = map_.end();
  auto at = std::next(map_.begin(), static_cast<std::ptrdiff_t>(start_ % map_.size()));
  for (std::size_t i = 0; i < map_.size(); ++i, ++at) {
    if (at == map_.end()) at = map_.begin();
    if (!open(at->second)) continue;
    if (best == map_.end() || (best->second.probes.silent() && !at->second.probes.silent())) best = at;
  }
  if (best == map_.end()) return nullptr;
  via_ = best->first;
  return &best->second;
}

Masters::Entry* Masters::to_ask_after(const redis::Node& asked) {
  Entry* best = nullptr;
  auto at = map_.upper_bound(asked);
  for (std::size_t i = 0; i < map_.size(); ++i, ++at) {
    if (at == map_.end()) at = map_.begin();
    if (!at->second.is_open()) continue;
    if (!at->second.probes.silent()) return &*at;
    if (best == nullptr) best = &*at;
  }
  return best;
}

bool Masters::any_open() const {
  return std::any_of(map_.begin(), map_.end(), [](const auto& one) { return one.second.is_open(); });
}

bool Masters::all_open() const {
  return std::all_of(map_.begin(), map_.end(), [](const auto& one) { return one.second.is_open(); });
}

bool Masters::any_silent() const {
  return std::any_of(map_.begin(), map_.end(), [](const auto& one) { return one.second.probes.silent(); });
}

bool Masters::any_unconfirmed() const {
  return std::any_of(map_.begin(), map_.end(), [](const auto& one) { return one.second.messages != 0; });
}

std::string Masters::problem() const {
  for (const auto& [node, master] : map_) {
    if (!master.problem.empty()) return master.problem;
  }
  return {};
}

std::string Masters::lacking() const {
  for (const auto& [node, master] : map_) {
    if (!master.problem.empty()) return master.problem;
    if (!master.is_open()) return node.text() + ": connecting";
    if (master.probes.silent()) return node.text() + ": probes do not come back";
    if (!master.role.problem().empty()) return master.role.problem();
    if (!master.role.known()) return node.text() + ": its role is not known yet";
    if (master.probes.waits_for_first()) return node.text() + ": waiting for the first probe";
  }
  return {};
}

}  // namespace nx::bus
