#pragma once
// What became of the latest hints on one shard, one entry for each client, so
// that operators can ask why a user did or did not get one. A ring of 32-byte
// entries; it grows to its bound as hints come, so that a shard without hints
// has none. A user goes by the keyed hash of its id. Home thread only.

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
    held,         // behind the rows of a catch-up, which bring it or leave it to
                  // `complete: false`
    caught_up,    // as a row of a catch-up
    slow_closed,  // not of one hint, see add_slow_close()
  };

  explicit PushLog(EpochMs began) : since_(began) {}

  void add(std::size_t user, std::int64_t seq, fanout::SlotKey connection, What what, EpochMs at) {
    put({user, seq, at.value, connection.slot | static_cast<std::uint32_t>(what) << kSlotBits, connection.generation});
  }
  /// The client was closed 1013: what was queued for it since `oldest` is gone.
  void add_slow_close(std::size_t user, fanout::SlotKey connection, EpochMs oldest, EpochMs at) {
    add(user, oldest.value, connection, What::slow_closed, at);
  }

  /// Everything that happened to hints since then is here.
  EpochMs since() const { return since_; }

  /// Of one user's row, the oldest first, one for each client: the last that is
  /// known.
  std::vector<contract::PushRecord> of(std::size_t user, std::int64_t seq) const;

 private:
  static constexpr std::uint32_t kSlotBits = 26;
  static_assert(fanout::kMaxSlots == 1U << kSlotBits);
  struct Entry {
    std::size_t user;
    std::int64_t seq;  // of a slow close: the time since when what was queued is gone
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
  std::size_t next_ = 0;  // the oldest, once the ring is full
  EpochMs since_;
};

}  // namespace nx::gateway
