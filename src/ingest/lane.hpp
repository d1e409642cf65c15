#pragma once
// The records in hand of one partition: those that the poller has read and that are not yet done. Used only by the
// poller's thread.

#include <chrono>
#include <cstdint>
#include <deque>
#include <future>
#include <memory>
#include <optional>
#include <vector>

#include "ingest/batch.hpp"
#include "ingest/offset_ledger.hpp"
#include "ingest/record.hpp"
#include "kafka/handle.hpp"
#include "runtime/backoff.hpp"

namespace nx::ingest {

inline constexpr std::size_t kBatchRecords = 256;  // docs/architecture.md#bounds
// bytes of values: bounds memory when messages are large
inline constexpr std::size_t kBatchBytes = 16UL * 1024 * 1024;
inline constexpr std::size_t kBehindWaiting = 1'024;  // records that may be done while one waits for a lock
inline constexpr std::chrono::milliseconds kFirstRetry{100}, kLastRetry{5'000};

struct Lane {
  using Clock = std::chrono::steady_clock;

  Lane(std::int32_t of_partition, std::uint64_t its_id) : partition(of_partition), id(its_id) {}

  /// The time at which the next batch may be stored; nullopt while a batch is being stored, while two are with workers,
  /// or if there is nothing to store.
  std::optional<Clock::time_point> due() const;
  std::unique_ptr<Batch> next(Clock::time_point now);
  /// Marks the offsets of the done records of `batch`, which is of this lane, and removes from it these records and
  /// those that were set aside.
  void leave_out_done(Batch& batch);
  /// Its batch could not be stored, so the lane's back-off begins.
  void hold();
  /// The back-off ends.
  void go_on();

  /// True if nothing indicates that its next batch would delay batches of other lanes that are stored
  /// together with it.
  bool may_share() const { return !holding && !held && !costly && waiting.empty() && !orphaned && with_workers == 0; }
  bool takes_more() const { return ahead.size() < kBatchRecords && ahead_bytes < kBatchBytes; }
  /// Whether new records may be stored. While one record waits, the number of later records that are done is bounded,
  /// because a crash would redeliver them.
  bool has_room_for_new() const {
    return waiting.empty() || offsets.open() - unread.size() - ahead.size() < kBehindWaiting;
  }
  bool has_records() const { return with_workers > 0 || held || !unread.empty() || !ahead.empty() || !waiting.empty(); }
  /// The time of the oldest record in hand that is not known to be stored; 0: no record.
  std::int64_t oldest() const;

  const std::int32_t partition;
  const std::uint64_t id;
  bool orphaned = false;         // its topic has been deleted or made again: none of its offsets may be stored
  bool revoking = false;         // no further batch of it is begun
  bool paused = false;           // the member does not fetch it
  bool storing = false;          // a worker has a batch of it that is not known to be stored
  std::size_t with_workers = 0;  // batches; two while the hints of one are sent and the next is stored
  bool holding = false;          // its last batch was held back because of infrastructure
  bool costly = false;           // its last batch contained poison, or its policy reads took long
  std::uint64_t last_turn = 0;
  EpochMs storing_from{};               // the time of the first record of the batch that is being stored
  std::shared_future<void> last_hints;  // ready when those of the last batch are sent

  OffsetLedger offsets;
  std::deque<kafka::MessageHandle> unread;  // not decoded
  std::size_t bytes = 0;                    // values of all records in hand
  std::vector<Record> ahead;                // decoded, for the next batch
  std::size_t ahead_bytes = 0;
  std::unique_ptr<Batch> held;  // a batch to try again or to continue
  Clock::time_point held_until{};
  runtime::Backoff backoff{kFirstRetry, kLastRetry};

  /// Set aside, because another transaction has locked their users' inboxes.
  std::deque<Record> waiting;
  Clock::time_point waiting_until{};
  runtime::Backoff waiting_backoff{kFirstRetry, kLastRetry};
};

}  // namespace nx::ingest
