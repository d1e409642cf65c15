#pragma once
// Connections of one shard by slot and generation. The key of a removed connection finds nothing. Home thread only.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "fanout/connection_location.hpp"

namespace nx::gateway {

template <class Connection>
class Slots {
 public:
  /// Reserves a slot, which put() fills.
  fanout::SlotKey reserve() {
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(entries_.size()));
      entries_.emplace_back();
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    return {slot, entries_[slot].generation};
  }

  Connection& put(fanout::SlotKey key, std::unique_ptr<Connection> connection) {
    entries_[key.slot].connection = std::move(connection);
    ++count_;
    return *entries_[key.slot].connection;
  }

  Connection* find(fanout::SlotKey key) const {
    if (key.slot >= entries_.size() || entries_[key.slot].generation != key.generation) return nullptr;
    return entries_[key.slot].connection.get();
  }

  Connection* at(std::uint32_t slot) const {
    return slot < entries_.size() ? entries_[slot].connection.get() : nullptr;
  }

  std::unique_ptr<Connection> take(fanout::SlotKey key) {
    if (find(key) == nullptr) return nullptr;
    Entry& entry = entries_[key.slot];
    ++entry.generation;
    free_.push_back(key.slot);
    --count_;
    return std::move(entry.connection);
  }

  /// Destroys all connections. Keys that were reserved before find nothing afterwards.
  void clear() {
    entries_.clear();
    free_.clear();
    count_ = 0;
  }

  std::size_t count() const { return count_; }
  /// All slots are below this number.
  std::size_t end() const { return entries_.size(); }

  /// Calls `visit(Connection&)` slot by slot. It may take() the connection that it is given and may put() others.
  template <class Visit>
  void each(const Visit& visit) const {
    for (std::size_t slot = 0; slot < entries_.size(); ++slot) {
      if (Connection* connection = entries_[slot].connection.get()) visit(*connection);
    }
  }

 private:
  struct Entry {
    std::unique_ptr<Connection> connection;
    std::uint32_t generation = 1;
  };
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> free_;
  std::size_t count_ = 0;
};

}  // namespace nx::gateway
