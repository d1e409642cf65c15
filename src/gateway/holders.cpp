#include "gateway/holders.hpp"

#include <algorithm>

namespace nx::gateway {

namespace {

constexpr std::size_t kEndedPerTurn = 64;  // each costs a log line, a frame and the release of its buffers

}  // namespace

bool Holders::account(Holder& holder, const HeldBytes& now) {
  const std::size_t before = holder.held_total();
  for (std::size_t i = 0; i < kHeldKinds; ++i) {
    const auto kind = static_cast<HeldKind>(i);
    if (now.of(kind) == holder.held_.of(kind)) continue;
    sums_[i] += now.of(kind) - holder.held_.of(kind);
    ledger_.set_held(shard_, kind, sums_[i]);
  }
  holder.held_ = now;
  const std::size_t after = now.total();
  if (before == 0 && after != 0) {
    holder.place_ = static_cast<std::uint32_t>(holders_.size());
    holders_.push_back(&holder);
  }
  if (before != 0 && after == 0) {
    Holder* const last = holders_.back();
    holders_[holder.place_] = last;
    last->place_ = holder.place_;
    holders_.pop_back();
  }
  if (after <= before) return false;
  ledger_.raise_fullest(shard_, after);
  return ledger_.is_over();
}

std::size_t Holders::fullest() const {
  std::size_t most = 0;
  for (const Holder* holder : holders_) most = std::max(most, holder->held_total());
  return most;
}

Holders::Outcome Holders::make_room() {
  while (ledger_.is_over()) {
    ledger_.set_fullest(shard_, fullest());
    if (ledger_.shard_with_fullest() != shard_) return Outcome::other_shard;
    if (holders_.empty()) return Outcome::enough;
    if (!shed_fullest()) return Outcome::more;
  }
  ledger_.set_fullest(shard_, fullest());
  return Outcome::enough;
}

/// Returns false when there is more to do in the next turn.
bool Holders::shed_fullest() {
  // A heap: with very many holders, a search for the fullest one each time would block the shard.
  std::vector<Holder*> heap = holders_;
  std::ranges::make_heap(heap, {}, &Holder::held_total);
  const std::size_t elsewhere = ledger_.fullest_but(shard_);
  for (std::size_t asked = 0; !heap.empty() && ledger_.is_over() && heap.front()->held_total() >= elsewhere; ++asked) {
    if (asked == kEndedPerTurn) return false;
    std::ranges::pop_heap(heap, {}, &Holder::held_total);
    Holder& fullest = *heap.back();
    fullest.make_room();
    if (fullest.held_total() == 0) {
      heap.pop_back();
    } else {
      std::ranges::push_heap(heap, {}, &Holder::held_total);
    }
  }
  return true;
}

bool Holders::watch_backlogs() {
  std::size_t ended = 0;
  if (!holders_.empty()) {
    const std::vector<Holder*> waiting = holders_;
    for (auto holder = waiting.begin(); holder != waiting.end() && ended < kEndedPerTurn; ++holder) {
      if ((*holder)->watch_backlog()) ++ended;
    }
  }
  ledger_.set_fullest(shard_, fullest());
  return ended == kEndedPerTurn;
}

}  // namespace nx::gateway
