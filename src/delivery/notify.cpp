#include "delivery/notify.hpp"

#include <algorithm>

namespace nx::delivery {
namespace {

// A serialisation failure means that another transaction was first; a handful of immediate tries outlives any such race
// of ours. After that the caller's back-off decides.
constexpr int kConflictTries = 5;

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
               PushHint push, NotifyOptions options, const observe::Logger& log, std::shared_ptr<NotifyStats> stats)
    : resolver_(resolver),
      notifications_(notifications),
      push_(std::move(push)),
      options_(options),
      log_(log),
      stats_(std::move(stats)) {}

Result<std::vector<Poison>> Notify::operator()(std::span<const Activity> batch) {
  Part part = some(batch, std::chrono::steady_clock::time_point::max());
  if (part.held) return tl::unexpected(std::move(*part.held));
  if (!part.waiting.empty()) return fail(ErrorKind::unavailable, std::move(part.waiting.front().reason));
  return std::move(part.poison);
}

Part Notify::some(std::span<const Activity> batch, std::chrono::steady_clock::time_point until) {
  Part part;
  if (auto done = attempt(batch, until, part); !done) part.held = std::move(done.error());
  std::erase_if(part.poison, [&part](const Poison& one) { return one.index >= part.handled; });
  std::sort(part.poison.begin(), part.poison.end(), [](const Poison& a, const Poison& b) { return a.index < b.index; });
  return part;
}

void Notify::finish_within(std::chrono::milliseconds time) {
  end_.store(std::chrono::steady_clock::now() + time, std::memory_order_relaxed);
}

Result<void> Notify::may_go_on() const {
  if (std::chrono::steady_clock::now() < end_.load(std::memory_order_relaxed)) return {};
  return fail(ErrorKind::unavailable, "the program stops before this batch is through; the rest comes again");
}

Result<void> Notify::attempt(std::span<const Activity> batch, std::chrono::steady_clock::time_point until, Part& part) {
  Pending pending;
  std::size_t begun = 0;
  for (; begun < batch.size() && (begun == 0 || std::chrono::steady_clock::now() < until); ++begun) {
    auto recipients = resolve(batch[begun]);
    if (!recipients && recipients.error().kind == ErrorKind::invalid) {
      part.poison.push_back({begun, std::move(recipients.error().message)});
      continue;
    }
    if (!recipients) {  // what is before it does not wait for it
      if (auto done = flush(pending, part); !done) return done;
      part.handled = begun;
      return error_of(recipients);
    }
    const std::size_t rows = recipients->large ? 0 : recipients->users.size();
    if (!pending.messages.empty() && pending.rows + rows > options_.max_recipient_rows) {
      if (auto done = flush(pending, part); !done) return done;
    }
    pending.rows += rows;
    pending.messages.push_back({batch[begun], std::move(recipients->users), recipients->large});
    pending.indices.push_back(begun);
  }
  if (auto done = flush(pending, part); !done) return done;
  part.handled = begun;
  return {};
}

Result<resolve::Recipients> Notify::resolve(const Activity& activity) {
  if (auto allowed = may_go_on(); !allowed) return tl::unexpected(std::move(allowed.error()));
  const std::uint64_t before = resolver_.left_out();
  auto users = retrying_conflicts([this, &activity] { return resolver_.resolve(activity); });
  if (resolver_.left_out() > before) note_left_out(activity, resolver_.left_out() - before);
  return users;
}

void Notify::note_left_out(const Activity& activity, std::uint64_t members) {
  stats_->members_left_out.add(members);
  std::int64_t suppressed = 0;
  if (!left_out_gate_.pass(suppressed)) return;
  const auto& id = activity.scope == RecipientScope::merchant ? activity.merchant_id : activity.organizer_id;
  log_.warn(
      "members left out: their ids in the policy table can be no user's (empty, over 128 bytes, with U+0000)",
      {{"scope", to_text(activity.scope)}, {"id", id.value_or("")}, {"members", members}, {"suppressed", suppressed}});
}

Result<void> Notify::flush(Pending& pending, Part& part) {
  auto done = store_range(pending.messages, pending.indices, part);
  pending = {};
  return done;
}

Result<void> Notify::store_range(std::span<const store::NewNotification> messages, std::span<const std::size_t> indices,
                                 Part& part) {
  if (messages.empty()) return {};
  if (auto allowed = may_go_on(); !allowed) return allowed;
  auto results = retrying_conflicts([this, messages] { return notifications_.ingest(messages); });
  if (results) {
    for (std::size_t i = 0; i < messages.size() && i < results->size(); ++i) {
      const store::IngestResult& result = (*results)[i];
      if (result.outcome == store::IngestOutcome::waiting) {
        part.waiting.push_back({indices[i], result.waits_for});
      } else {
        push(messages[i].activity, result);
      }
    }
    part.handled = indices.back() + 1;
    return {};
  }
  if (results.error().kind != ErrorKind::invalid) return error_of(results);
  if (messages.size() == 1) {
    part.poison.push_back({indices.front(), std::move(results.error().message)});
    part.handled = indices.front() + 1;
    return {};
  }
  const std::size_t half = messages.size() / 2;
  log_.debug("batch halved", {{"messages", messages.size()}, {"reason", results.error().message}});
  if (auto first = store_range(messages.first(half), indices.first(half), part); !first) return first;
  return store_range(messages.subspan(half), indices.subspan(half), part);
}

void Notify::push(const Activity& activity, const store::IngestResult& result) {
  switch (result.outcome) {
    case store::IngestOutcome::stored:
      stats_->stored.add();
      stats_->recipient_rows.add(result.recipients.size());
      break;
    case store::IngestOutcome::redelivered:
      stats_->redelivered.add();
      break;
    case store::IngestOutcome::known_key:
      stats_->known_keys.add();
      return;
    case store::IngestOutcome::waiting:
      return;
  }
  if (result.fanned_out_later) {
    if (result.outcome == store::IngestOutcome::stored && options_.broadcast_stored) options_.broadcast_stored();
    return;
  }
  push_young({push_, options_.hint_max_age, options_.now}, result.notification, activity.traceparent,
             activity.record_time, result.recipients, *stats_);
}

}  // namespace nx::delivery
