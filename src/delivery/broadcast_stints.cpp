#include "delivery/broadcast_stints.hpp"

#include <algorithm>

#include "model/recipients.hpp"
#include "model/uuid.hpp"
#include "store/inbox_owner.hpp"

namespace nx::delivery {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;
using Outcome = store::StoredSlice::Outcome;

constexpr milliseconds kAfterWait{100};  // another transaction has locked the next inbox
constexpr milliseconds kAfterFailure{1'000};

std::string id_text(const store::Broadcast& broadcast) {
  return uuid_text(broadcast.notification.id.bytes);
}

}  // namespace

BroadcastStints::BroadcastStints(std::string worker, store::Repositories repositories, PushHint push,
                                 BroadcastOptions options, const observe::Logger& log)
    : worker_(std::move(worker)),
      repositories_(std::move(repositories)),
      push_(std::move(push)),
      options_(options),
      log_(log),
      size_(options.slice),
      idle_(options.look_every) {}

Result<milliseconds> BroadcastStints::run(const std::stop_token& stop) {
  auto taken = repositories_.broadcasts->take(worker_);
  if (!taken) return error_of(taken);
  if (!*taken) return std::exchange(idle_, options_.look_every);
  store::Broadcast& broadcast = **taken;
  const NotificationId id = broadcast.notification.id;
  if (!broadcast.done_through) log_begin(broadcast);
  if (auto pushed = push_again(broadcast); !pushed) return failed(broadcast, pushed.error());
  auto end = slices(broadcast, stop);
  // A slice that failed may have been committed nevertheless; its hints were not pushed.
  if (!end) return failed(broadcast, end.error());
  if (*end == End::finished || *end == End::lost) return milliseconds{0};
  if (*end == End::waits) idle_ = kAfterWait;
  const milliseconds pause = *end == End::waits ? kAfterWait : milliseconds{0};
  if (auto released = repositories_.broadcasts->release(worker_, id, true, pause); !released) return error_of(released);
  return milliseconds{0};
}

Result<milliseconds> BroadcastStints::failed(const store::Broadcast& broadcast, const Error& error) {
  stats_.failures.add();
  std::int64_t suppressed = 0;
  if (failure_gate_.pass(suppressed)) {
    log_.warn("broadcast paused, tried again in a second",
              {{"notification", id_text(broadcast)}, {"reason", error.message}, {"suppressed", suppressed}});
  }
  const auto released = repositories_.broadcasts->release(worker_, broadcast.notification.id, false, kAfterFailure);
  if (!released) return error_of(released);
  return milliseconds{0};
}

/// The previous worker may have died between the commit of its last slice and the hints. Members after that slice have
/// no row yet.
Result<void> BroadcastStints::push_again(const store::Broadcast& broadcast) {
  if (!broadcast.unconfirmed) return {};
  stats_.taken_over.add();
  BroadcastMembers members(*repositories_.policies, broadcast, options_.runs);
  for (std::optional<std::string> after = broadcast.last_from;;) {
    const auto ahead = members.ahead(after, options_.slice);
    if (!ahead) return error_of(ahead);
    if (ahead->empty()) return {};
    const auto rows = repositories_.broadcasts->delivered(broadcast.notification.id, *ahead);
    if (!rows) return error_of(rows);
    push(broadcast, *rows);
    if (rows->empty()) return {};
    after = ahead->back().value;
    members.pass(ahead->size());
  }
}

Result<BroadcastStints::End> BroadcastStints::slices(store::Broadcast& broadcast, const std::stop_token& stop) {
  BroadcastMembers members(*repositories_.policies, broadcast, options_.runs);
  const KeyedSet<UserId> excluded(broadcast.excluded.begin(), broadcast.excluded.end());
  const auto until = Clock::now() + (members.in_order() ? options_.stint : options_.long_stint);
  do {
    const auto ahead = members.ahead(broadcast.done_through, size_);
    if (!ahead) return error_of(ahead);
    if (ahead->empty()) return finish(broadcast);
    auto end = slice(broadcast, members, *ahead, excluded);
    if (!end || *end != End::time) return end;
  } while (!stop.stop_requested() && Clock::now() < until);
  return End::time;
}

Result<BroadcastStints::End> BroadcastStints::slice(store::Broadcast& broadcast, BroadcastMembers& members,
                                                    std::span<const UserId> ahead, const KeyedSet<UserId>& excluded) {
  store::BroadcastSlice slice{.from = broadcast.done_through, .through = ahead.back().value, .recipients = {}};
  std::size_t left_out = 0;
  for (const UserId& user : ahead) {
    if (!store::can_have_inbox(user)) {
      ++left_out;
    } else if (!excluded.contains(user)) {
      slice.recipients.push_back(user);
    }
  }
  const auto stored = repositories_.broadcasts->store(worker_, broadcast.notification.id, slice);
  if (!stored) return error_of(stored);
  if (stored->outcome == Outcome::lost) return End::lost;
  if (stored->outcome == Outcome::busy) {
    stats_.waits.add();
    size_ = std::max<std::size_t>(1, ahead.size() / 2);
    if (ahead.size() > 1) return End::time;
    note_wait(broadcast, ahead.front());
    return End::waits;
  }
  push(broadcast, stored->recipients);
  stats_.slices.add();
  stats_.recipients.add(stored->recipients.size());
  stats_.left_out.add(left_out);
  size_ = std::min(options_.slice, size_ * 2);
  broadcast.recipients_done += static_cast<std::int64_t>(stored->recipients.size());
  broadcast.done_through = std::move(slice.through);
  members.pass(ahead.size());
  return End::time;
}

Result<BroadcastStints::End> BroadcastStints::finish(const store::Broadcast& broadcast) {
  const auto finished = repositories_.broadcasts->finish(worker_, broadcast.notification.id);
  if (!finished) return error_of(finished);
  if (!*finished) return End::lost;
  stats_.finished.add();
  const std::int64_t ms = options_.now().value - broadcast.notification.created_at.value;
  log_.info("broadcast done", {{"notification", id_text(broadcast)},
                               {"recipients", broadcast.recipients_done},
                               {"seconds", static_cast<double>(ms) / 1'000}});
  return End::finished;
}

void BroadcastStints::push(const store::Broadcast& broadcast, const std::vector<store::Delivered>& rows) {
  push_young({push_, options_.hint_max_age, options_.now, options_.spans}, broadcast.notification,
             broadcast.traceparent, broadcast.recorded, rows, stats_);
}

void BroadcastStints::note_wait(const store::Broadcast& broadcast, const UserId& user) {
  std::int64_t suppressed = 0;
  if (!wait_gate_.pass(suppressed)) return;
  log_.warn("broadcast waits: another transaction has locked the next inbox, or the database is slow",
            {{"notification", id_text(broadcast)}, {"user", user.value}, {"suppressed", suppressed}});
}

void BroadcastStints::log_begin(const store::Broadcast& broadcast) const {
  const Notification& it = broadcast.notification;
  const std::string* id = domain_id(it);
  log_.info("broadcast begins",
            {{"notification", id_text(broadcast)}, {"scope", to_text(it.scope)}, {"id", id ? *id : ""}});
}

}  // namespace nx::delivery
