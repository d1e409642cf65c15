#include "delivery/notify.hpp"

#include <algorithm>
#include <memory>

#include "contract/notification_json.hpp"

namespace nx::delivery {
namespace {

// A serialisation failure means that another transaction was first; a handful of immediate tries outlives any such race
// of ours. After that the caller's back-off decides.
constexpr int kConflictTries = 5;

constexpr std::size_t kMaxHandled = 4'096;

template <class Attempt>
auto retrying_conflicts(Attempt attempt) {
  auto result = attempt();
  for (int tries = 1; !result && result.error().kind == ErrorKind::conflict && tries < kConflictTries; ++tries) {
    result = attempt();
  }
  return result;
}

}  // namespace

Notify::Notify(resolve::RecipientResolver& resolver, store::ActivityNotificationRepository& notifications,
               PushHint push, NotifyOptions options, const observe::Logger& log)
    : resolver_(resolver), notifications_(notifications), push_(std::move(push)), options_(options), log_(log) {}

Result<std::vector<Poison>> Notify::operator()(std::span<const Activity> batch) {
  auto part = some(batch, std::chrono::steady_clock::time_point::max());
  if (!part) return tl::unexpected(std::move(part.error()));
  return std::move(part->poison);
}

Result<Part> Notify::some(std::span<const Activity> batch, std::chrono::steady_clock::time_point until) {
  auto part = attempt(batch, until);
  // Forgotten when too many (rebalances during a long outage): then a client hears some twice, which it must expect.
  if (part || handled_.size() > kMaxHandled) handled_.clear();
  return part;
}

void Notify::finish_within(std::chrono::milliseconds time) {
  end_.store(std::chrono::steady_clock::now() + time, std::memory_order_relaxed);
}

Result<void> Notify::may_go_on() const {
  if (std::chrono::steady_clock::now() < end_.load(std::memory_order_relaxed)) return {};
  return fail(ErrorKind::unavailable, "the program stops before this batch is through; the rest comes again");
}

Result<Part> Notify::attempt(std::span<const Activity> batch, std::chrono::steady_clock::time_point until) {
  Part part;
  std::vector<Poison>& poison = part.poison;
  Pending pending;
  for (std::size_t i = 0; i < batch.size() && (i == 0 || std::chrono::steady_clock::now() < until); ++i) {
    part.handled = i + 1;
    auto recipients = resolve(batch[i]);
    if (!recipients && recipients.error().kind == ErrorKind::invalid) {
      poison.push_back({i, std::move(recipients.error().message)});
      continue;
    }
    if (!recipients) return tl::unexpected(std::move(recipients.error()));

    if (!pending.messages.empty() && pending.rows + recipients->size() > options_.max_recipient_rows) {
      if (auto done = flush(pending, poison); !done) return tl::unexpected(std::move(done.error()));
    }
    pending.rows += recipients->size();
    pending.messages.push_back({batch[i], std::move(*recipients)});
    pending.indices.push_back(i);
  }
  if (auto done = flush(pending, poison); !done) return tl::unexpected(std::move(done.error()));
  std::sort(poison.begin(), poison.end(), [](const Poison& a, const Poison& b) { return a.index < b.index; });
  return part;
}

Result<std::vector<UserId>> Notify::resolve(const Activity& activity) {
  if (auto allowed = may_go_on(); !allowed) return tl::unexpected(std::move(allowed.error()));
  const std::uint64_t before = resolver_.left_out();
  auto users = retrying_conflicts([this, &activity] { return resolver_.resolve(activity); });
  if (resolver_.left_out() > before) note_left_out(activity, resolver_.left_out() - before);
  return users;
}

void Notify::note_left_out(const Activity& activity, std::uint64_t members) {
  stats_.members_left_out.add(members);
  std::int64_t suppressed = 0;
  if (!left_out_gate_.pass(suppressed)) return;
  const auto& id = activity.scope == RecipientScope::merchant ? activity.merchant_id : activity.organizer_id;
  log_.warn(
      "members left out: their ids in the policy table can be no user's (empty, over 128 bytes, with U+0000)",
      {{"scope", to_text(activity.scope)}, {"id", id.value_or("")}, {"members", members}, {"suppressed", suppressed}});
}

Result<void> Notify::flush(Pending& pending, std::vector<Poison>& poison) {
  auto done = store_range(pending.messages, pending.indices, poison);
  pending = {};
  return done;
}

Result<void> Notify::store_range(std::span<const store::NewNotification> messages, std::span<const std::size_t> indices,
                                 std::vector<Poison>& poison) {
  if (messages.empty()) return {};
  if (auto allowed = may_go_on(); !allowed) return allowed;
  auto results = retrying_conflicts([this, messages] { return notifications_.ingest(messages); });
  if (results) {
    for (std::size_t i = 0; i < messages.size() && i < results->size(); ++i) {
      push(messages[i].activity, (*results)[i]);
    }
    return {};
  }
  if (results.error().kind != ErrorKind::invalid) return tl::unexpected(std::move(results.error()));
  if (messages.size() == 1) {
    poison.push_back({indices.front(), std::move(results.error().message)});
    return {};
  }
  const std::size_t half = messages.size() / 2;
  log_.debug("batch halved", {{"messages", messages.size()}, {"reason", results.error().message}});
  if (auto first = store_range(messages.first(half), indices.first(half), poison); !first) return first;
  return store_range(messages.subspan(half), indices.subspan(half), poison);
}

void Notify::push(const Activity& activity, const store::IngestResult& result) {
  if (!handled_.insert(activity.source).second) return;
  switch (result.outcome) {
    case store::IngestOutcome::stored:
      stats_.stored.add();
      stats_.recipient_rows.add(result.recipients.size());
      break;
    case store::IngestOutcome::redelivered:
      stats_.redelivered.add();
      break;
    case store::IngestOutcome::known_key:
      stats_.known_keys.add();
      return;
  }
  if (result.recipients.empty()) return;

  const std::int64_t max_age = options_.hint_max_age.count();
  if (max_age <= 0 || options_.now().value - activity.record_time.value > max_age) {
    stats_.hints_too_old.add(result.recipients.size());
    return;
  }
  const auto head = std::make_shared<const std::string>(contract::hint_head(result.notification, activity.traceparent));
  std::vector<fanout::HintRecipient> to;
  to.reserve(result.recipients.size());
  for (const auto& row : result.recipients) to.push_back({row.user, row.seq, row.unread});
  const Pushed pushed = push_(head, to, activity.record_time);
  stats_.hints_local.add(pushed.here);
  (pushed.bus > 0 ? stats_.hints_bus : stats_.hints_no_client).add(to.size() - pushed.here);
}

}  // namespace nx::delivery
