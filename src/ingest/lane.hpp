#pragma once
// What the poller has in hand of one partition. Used by its thread alone.

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "ingest/batch.hpp"
#include "ingest/offset_ledger.hpp"
#include "ingest/record.hpp"
#include "kafka/handle.hpp"
#include "runtime/backoff.hpp"

namespace nx::ingest {

inline constexpr std::size_t kBatchRecords = 256;               // docs/architecture.md#bounds
inline constexpr std::size_t kBatchBytes = 16UL * 1024 * 1024;  // of values: bounds memory when messages are large
inline constexpr std::size_t kBehindWaiting = 1'024;            // records, while one waits for a lock
inline constexpr std::chrono::milliseconds kFirstRetry{100}, kLastRetry{5'000};

struct Lane {
  using Clock = std::chrono::steady_clock;

  Lane(std::int32_t of_partition, std::uint64_t its_id) : partition(of_partition), id(its_id) {}

  /// When there is something to store, and what. None while a batch is at work.
  std::optional<Clock::time_point> due() const;
  std::unique_ptr<Batch> next(Clock::time_point now);

  /// Its next batch may be stored together with those of others: it holds nothing up, as far as is known.
  bool may_share() const { return !holding && !held && !costly && waiting.empty() && !orphaned; }
  bool takes_more() const { return ahead.size() < kBatchRecords && ahead_bytes < kBatchBytes; }
  /// Of new records: what is done behind a waiting one would come again after a crash.
  bool has_room_for_new() const {
    return waiting.empty() || offsets.open() - unread.size() - ahead.size() < kBehindWaiting;
  }
  bool has_records() const { return at_work || held || !unread.empty() || !ahead.empty() || !waiting.empty(); }
  /// The time of the oldest record in hand; 0: there is none.
  std::int64_t oldest() const;

  const std::int32_t partition;
  const std::uint64_t id;
  bool orphaned = false;  // its topic was deleted or made again since: no offset of ours speaks of it
  bool revoking = false;  // nothing more of it is begun
  bool paused = false;    // the member fetches nothing of it
  bool at_work = false;   // a batch is in a worker's hands
  bool holding = false;   // its last batch was held back for infrastructure
  bool costly = false;    // its last batch had poison, or policy reads that took long
  std::uint64_t last_turn = 0;
  EpochMs work_from{};  // of the batch at work: its first record's time

  OffsetLedger offsets;
  std::deque<kafka::MessageHandle> unread;  // not decoded
  std::size_t bytes = 0;                    // of all values in hand
  std::vector<Record> ahead;                // decoded, of the next batch
  std::size_t ahead_bytes = 0;
  std::unique_ptr<Batch> held;  // to be gone on with
  Clock::time_point held_until{};
  runtime::Backoff backoff{kFirstRetry, kLastRetry};

  /// Set aside, because somebody has their users' inboxes locked.
  std::deque<Record> waiting;
  Clock::time_point waiting_until{};
  runtime::Backoff waiting_backoff{kFirstRetry, kLastRetry};
};

}  // namespace nx::ingest
