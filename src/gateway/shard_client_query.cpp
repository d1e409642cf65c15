// Answers questions of operators: the shard examines a few of its connections in each turn.

#include <algorithm>

#include "gateway/shard.hpp"
#include "model/keyed_hash.hpp"

namespace nx::gateway {

namespace {

constexpr std::size_t kSlotsPerAnswer = 256;

}  // namespace

void Shard::run_query(std::shared_ptr<ClientQuery> query) {
  loop_.post([this, query = std::move(query)]() mutable {
    if (stopping_) return;
    ClientSelection selection = query->selection();
    queries_.push_back({std::move(query), 0, std::move(selection)});
    loop_.again();
  });
}

void Shard::run_query_at(std::uint32_t slot, std::shared_ptr<ClientQuery> query) {
  loop_.post([this, slot, query = std::move(query)] {
    ClientSelection selection = query->selection();
    if (WsConnection* connection = sessions_.at(slot)) query->look_at(*connection, selection);
    query->add(std::move(selection));
  });
}

bool Shard::client_query_piece() {
  if (queries_.empty()) return false;
  RunningQuery& running = queries_.front();
  const std::size_t end = std::min(running.slot + kSlotsPerAnswer, sessions_.end());
  for (; running.slot < end; ++running.slot) {
    if (WsConnection* connection = sessions_.at(static_cast<std::uint32_t>(running.slot))) {
      running.query->look_at(*connection, running.selection);
    }
  }
  if (running.slot < sessions_.end()) return true;
  if (const auto hint = running.query->hint()) {
    running.query->add_pushes(push_log_.of(KeyedHash{}(hint->user), hint->seq), push_log_.since());
  }
  running.query->add(std::move(running.selection));
  queries_.pop_front();
  return true;
}

}  // namespace nx::gateway
