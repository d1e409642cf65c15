#pragma once
// The core of the product: activities → recipients → rows in one transaction → hints. The rows are authoritative and
// the push is only a hint, so the push follows the commit. One object is used by one thread; it blocks on the database.

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "delivery/young_hints.hpp"
#include "model/activity.hpp"
#include "model/result.hpp"
#include "model/time.hpp"
#include "observe/counter.hpp"
#include "observe/log.hpp"
#include "resolve/recipient_resolver.hpp"
#include "store/activity_notification_repository.hpp"

namespace nx::delivery {

struct NotifyOptions {
  std::chrono::milliseconds hint_max_age{3'600'000};  // SIGNAL_HINT_MAX_AGE_MS; 0 or less: every record is too old
  std::size_t max_recipient_rows = 20'000;  // per transaction; a message that does not fit goes into the next one
  EpochMs (*now)() = now_wall;
  std::function<void()> broadcast_stored = {};  // a broadcast was stored and waits for its slices; may be empty
  trace::SpanWriter* spans = nullptr;           // of the thread that uses the object; null: tracing is off
};

/// The reason why one message of a batch can never be stored. The rest of the batch was stored.
struct Poison {
  std::size_t index;  // into the batch
  std::string reason;
};

/// A message that could not be stored now, because another transaction has locked an inbox. Nothing of it was stored.
struct Waiting {
  std::size_t index;   // into the batch
  std::string reason;  // the reason why it waits
};

/// The result for a batch, which may be incomplete because time ran out.
struct Part {
  std::size_t handled = 0;  // number of messages, from the first on, that were stored, are poison or wait
  std::vector<Poison> poison;
  std::vector<Waiting> waiting;
  // The infrastructure fault that ended the batch; continue later after `handled`.
  std::optional<Error> held;
  std::chrono::steady_clock::duration resolving{};  // time spent on its policy reads
};

/// Lets the caller of some() store later batches while this call's hints are sent. Both are called on the thread of
/// some(); either may be empty.
struct Overlap {
  /// Everything is stored that some() stores; only the hints of the last transaction are left to send.
  std::function<void(const std::vector<Part>& parts)> stored;
  /// Called before the first hint; it may wait for the hints of earlier batches.
  std::function<void()> before_hints;
};

struct NotifyStats : HintStats {
  observe::SharedCounter stored, redelivered, known_keys, recipient_rows;
  observe::SharedCounter members_left_out;  // in the policy rows: their ids cannot be user ids
};

class Notify {
 public:
  /// `stats` may be shared by several objects.
  Notify(resolve::RecipientResolver& resolver, store::ActivityNotificationRepository& notifications, PushHint push,
         NotifyOptions options, const observe::Logger& log,
         std::shared_ptr<NotifyStats> stats = std::make_shared<NotifyStats>());
  Notify(const Notify&) = delete;
  Notify& operator=(const Notify&) = delete;

  /// Stores and pushes batches (≤ 256 messages together) in as few transactions as the number of recipients allows. It
  /// begins messages in their order until `until` is reached, but at least one. Returns one Part for each batch. A Part
  /// includes the messages that were handled before an infrastructure error, so that they are not handled again; a
  /// batch after one whose policy read failed is not begun. A poison message is found by halving the batch and
  /// returned, ordered by index; the other messages are stored.
  std::vector<Part> some(std::span<const std::span<const Activity>> batches,
                         std::chrono::steady_clock::time_point until, const Overlap& overlap = {});

  /// Handles the whole of one batch or returns the error: for callers that do not continue a partial result.
  Result<std::vector<Poison>> operator()(std::span<const Activity> batch);

  /// After that time no further query and no further transaction is begun: calls end with `unavailable`, and messages
  /// that are not stored are redelivered. Any thread.
  void finish_within(std::chrono::milliseconds time);

  const NotifyStats& stats() const { return *stats_; }

 private:
  /// The position of a message in the input.
  struct Place {
    std::size_t batch, index;
  };
  /// The messages of one transaction.
  struct Pending {
    std::vector<store::NewNotification> messages;
    std::vector<Place> places;
    std::size_t rows = 0;
  };
  /// A message that is stored and whose hints are not sent yet.
  struct Unsent {
    Activity activity;
    store::IngestResult result;
  };
  using Batches = std::span<const std::span<const Activity>>;

  Result<void> may_go_on() const;
  Result<void> attempt(Batches batches, std::chrono::steady_clock::time_point until, std::vector<Part>& parts,
                       std::vector<std::size_t>& begun);
  Result<void> add(store::NewNotification message, Place place, Pending& pending, std::vector<Part>& parts);
  Result<resolve::Recipients> resolve(const Activity& activity);
  Result<void> flush(Pending& pending, std::vector<Part>& parts);
  Result<void> store(Pending& pending, std::vector<Part>& parts);
  Result<void> store_range(std::span<store::NewNotification> messages, std::span<const Place> places,
                           std::vector<Part>& parts);
  void send_hints();
  void note_left_out(const Activity& activity, std::uint64_t members);
  void push(const Activity& activity, const store::IngestResult& result);
  void note_resolved(const Activity& activity, trace::Time began, const resolve::Recipients& recipients);
  void note_stored(std::span<const store::NewNotification> messages, const std::vector<store::IngestResult>& results,
                   trace::Time began);

  resolve::RecipientResolver& resolver_;
  store::ActivityNotificationRepository& notifications_;
  PushHint push_;
  NotifyOptions options_;
  const observe::Logger& log_;
  std::shared_ptr<NotifyStats> stats_;
  observe::LogGate left_out_gate_;
  std::vector<Unsent> unsent_;          // in the order of their commits
  std::function<void()> before_hints_;  // of the call of some(), until its first hint
  std::atomic<std::chrono::steady_clock::time_point> end_{std::chrono::steady_clock::time_point::max()};
};

}  // namespace nx::delivery
