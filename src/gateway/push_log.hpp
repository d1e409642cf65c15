#pragma once
// The outcome of the latest hints on one shard, one entry per hint and client, so that operators can ask why a user did
// or did not get a hint. A ring of 32-byte entries that grows to its bound as hints arrive, so that a shard without
// hints uses no memory. A user is stored as the keyed hash of its id. Home thread only.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "contract/operator_message.hpp"
#include "fanout/connection_location.hpp"
#include "model/time.hpp"

namespace nx::gateway {

class PushLog {
 public:
  static constexpr std::size_t kMaxEntries = 32'768;  // 1 MiB

  enum class What : std::uint32_t {
    pushed,       // sealed and queued
    held,         // waits behind the rows of a catch-up, which sends the row itself or ends with `complete: false`
    caught_up,    // sent as a row of a catch-up
    slow_closed,  // not about one hint: see add_slow_close()
  };

  explicit PushLog(EpochMs began) : since_(began) {}

  void add(std::size_t user, std::int64_t seq, fanout::SlotKey connection, What what, EpochMs at) {
    put({user, seq, at.value, connection.slot | static_cast<std::uint32_t>(what) << kSlotBits, connection.generation});
  }
  /// The client was closed with 1013: pushes queued for it since `oldest` were dropped.
  void add_slow_close(std::size_t user, fanout::SlotKey connection, EpochMs oldest, EpochMs at) {
    add(user, oldest.value, connection, What::slow_closed, at);
  }

  /// Every outcome since this time is in the log.
  EpochMs since() const { return since_; }

  /// The outcomes of the hint for one row of one user, oldest first: the latest one known for each client.
  std::vector<contract::PushRecord> of(std::size_t user, std::int64_t seq) const;

  /// The rows of the user whose hints the client was sent, as far as there are records.
  std::vector<std::int64_t> seqs_of(std::size_t user, fanout::SlotKey connection) const;

 private:
  static constexpr std::uint32_t kSlotBits = 26;
  static_assert(fanout::kMaxSlots == 1U << kSlotBits);
  struct Entry {
    std::size_t user;
    std::int64_t seq;  // of a slow close: the time since when queued pushes were dropped
    std::int64_t at;
    std::uint32_t what_and_slot;
    std::uint32_t generation;
  };
  static_assert(sizeof(Entry) == 32);

  void put(const Entry& entry) {
    if (entries_.size() < kMaxEntries) {
      entries_.push_back(entry);
      return;
    }
    since_ = {entries_[next_].at + 1};
    entries_[next_] = entry;
    next_ = (next_ + 1) % kMaxEntries;
  }

  std::vector<Entry> entries_;
  std::size_t next_ = 0;  // index of the oldest entry once the ring is full
  EpochMs since_;
};

}  // namespace nx::gateway
