#pragma once
// The product in one function: activities in → recipients → rows in one transaction → hints. The row is the truth, the push a hint, so the
// push comes after the commit. Used by one thread (the ingest thread); blocks on the database.

#include <chrono>
#include <span>
#include <vector>

#include "fanout/fan_out.hpp"
#include "model/activity.hpp"
#include "model/result.hpp"
#include "observe/counter.hpp"
#include "observe/log.hpp"
#include "resolve/recipient_resolver.hpp"
#include "store/activity_notification_repository.hpp"

namespace nx::delivery {

struct NotifyOptions {
  std::chrono::milliseconds hint_max_age{3'600'000};  // SIGNAL_HINT_MAX_AGE_MS; 0 or less: every record is too old
  std::size_t max_recipient_rows = 20'000;            // per transaction; a larger scope is its own batch (contract §6)
};

/// Why one message of a batch can never be stored. The rest of the batch was stored.
struct Poison {
  std::size_t index;  // into the batch
  std::string reason;
};

struct NotifyStats {
  observe::SharedCounter stored, redelivered, known_keys, recipient_rows, hints_local, hints_no_client, hints_too_old;
};

class Notify {
 public:
  Notify(resolve::RecipientResolver& resolver, store::ActivityNotificationRepository& notifications, fanout::FanOut& fan_out,
         NotifyOptions options, const observe::Logger& log);

  /// Stores and pushes the batch (≤ 256). An error is of infrastructure and means nothing after the last committed transaction was stored:
  /// call again with the same batch (idempotent by key and source). Poison is found by halving and returned; neighbours are stored.
  Result<std::vector<Poison>> operator()(std::span<const Activity> batch);

  const NotifyStats& stats() const { return stats_; }

 private:
  resolve::RecipientResolver& resolver_;
  store::ActivityNotificationRepository& notifications_;
  fanout::FanOut& fan_out_;
  NotifyOptions options_;
  const observe::Logger& log_;
  NotifyStats stats_;
};

}  // namespace nx::delivery
