// What operators ask of a shard: a walk over its connections, a few of them a turn.

#include <algorithm>

#include "gateway/shard.hpp"
#include "model/keyed_hash.hpp"

namespace nx::gateway {

namespace {

constexpr std::size_t kSlotsPerAnswer = 256;

}  // namespace

void Shard::attend(std::shared_ptr<RollCall> call) {
  loop_.post([this, call = std::move(call)]() mutable {
    if (stopping_) return;
    ClientSelection selection = call->selection();
    walks_.push_back({std::move(call), 0, std::move(selection)});
    loop_.again();
  });
}

void Shard::attend_at(std::uint32_t slot, std::shared_ptr<RollCall> call) {
  loop_.post([this, slot, call = std::move(call)] {
    ClientSelection selection = call->selection();
    if (WsConnection* connection = sessions_.at(slot)) call->look_at(*connection, selection);
    call->add(std::move(selection));
  });
}

bool Shard::roll_call_piece() {
  if (walks_.empty()) return false;
  Walk& walk = walks_.front();
  const std::size_t end = std::min(walk.slot + kSlotsPerAnswer, sessions_.end());
  for (; walk.slot < end; ++walk.slot) {
    if (WsConnection* connection = sessions_.at(static_cast<std::uint32_t>(walk.slot))) {
      walk.call->look_at(*connection, walk.selection);
    }
  }
  if (walk.slot < sessions_.end()) return true;
  if (const auto hint = walk.call->hint()) {
    walk.call->add_pushes(push_log_.of(KeyedHash{}(hint->user), hint->seq), push_log_.since());
  }
  walk.call->add(std::move(walk.selection));
  walks_.pop_front();
  return true;
}

}  // namespace nx::gateway
