#include "gateway/client_queries.hpp"

#include <algorithm>
#include <utility>

#include "gateway/ws_connection.hpp"
#include "model/keyed_hash.hpp"

namespace nx::gateway {

namespace {

constexpr std::size_t kSlotsPerPiece = 256;

}  // namespace

void ClientQueries::run(std::shared_ptr<ClientQuery> query) {
  loop_.post([this, query = std::move(query)]() mutable {
    if (stopped_) return;
    ClientSelection selection = query->selection();
    running_.push_back({std::move(query), 0, std::move(selection)});
    loop_.again();
  });
}

void ClientQueries::run_at(std::uint32_t slot, std::shared_ptr<ClientQuery> query) {
  loop_.post([this, slot, query = std::move(query)] {
    ClientSelection selection = query->selection();
    if (WsConnection* connection = sessions_.at(slot)) query->look_at(*connection, selection);
    query->add(std::move(selection));
  });
}

bool ClientQueries::step() {
  if (running_.empty()) return false;
  Running& first = running_.front();
  const std::size_t end = std::min(first.slot + kSlotsPerPiece, sessions_.end());
  for (; first.slot < end; ++first.slot) {
    if (WsConnection* connection = sessions_.at(static_cast<std::uint32_t>(first.slot))) {
      first.query->look_at(*connection, first.selection);
    }
  }
  if (first.slot < sessions_.end()) return true;
  if (const auto hint = first.query->hint()) {
    first.query->add_pushes(push_log_.of(KeyedHash{}(hint->user), hint->seq), push_log_.since());
  }
  first.query->add(std::move(first.selection));
  running_.pop_front();
  return true;
}

void ClientQueries::stop() {
  stopped_ = true;
  running_.clear();
}

}  // namespace nx::gateway
