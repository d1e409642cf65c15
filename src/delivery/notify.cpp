#include "delivery/notify.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "model/recipients.hpp"

namespace nx::delivery {
namespace {

// A serialisation failure means that another transaction was first; a few immediate attempts outlast any such race
// between our own transactions. After that the caller's back-off applies.
constexpr int kConflictTries = 5;

template <class Attempt>
auto retrying_conflicts(Attempt attempt) {
  auto result = attempt();
  for (int tries = 1; !result && result.error().kind == ErrorKind::conflict && tries < kConflictTries; ++tries) {
    result = attempt();
  }
  return result;
}

const char* outcome_text(store::IngestOutcome outcome) {
  switch (outcome) {
    case store::IngestOutcome::stored:
      return "stored";
    case store::IngestOutcome::redelivered:
      return "redelivered";
    case store::IngestOutcome::known_key:
      return "known_key";
    case store::IngestOutcome::waiting:
      return "waiting";
  }
  return "";
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
  Part part = std::move(some(std::array{batch}, std::chrono::steady_clock::time_point::max()).front());
  if (part.held) return tl::unexpected(std::move(*part.held));
  if (!part.waiting.empty()) return fail(ErrorKind::unavailable, std::move(part.waiting.front().reason));
  return std::move(part.poison);
}

std::vector<Part> Notify::some(Batches batches, std::chrono::steady_clock::time_point until, const Overlap& overlap) {
  unsent_.clear();
  before_hints_ = overlap.before_hints;
  std::vector<Part> parts(batches.size());
  std::vector<std::size_t> begun(batches.size());  // messages begun of each batch
  const auto done = attempt(batches, until, parts, begun);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Part& part = parts[i];
    if (done) part.handled = begun[i];
    if (!done && begun[i] > part.handled) part.held = done.error();
    std::erase_if(part.poison, [&part](const Poison& one) { return one.index >= part.handled; });
    std::ranges::sort(part.poison, {}, &Poison::index);
  }
  if (overlap.stored) overlap.stored(parts);
  send_hints();
  before_hints_ = nullptr;
  return parts;
}

void Notify::finish_within(std::chrono::milliseconds time) {
  end_.store(std::chrono::steady_clock::now() + time, std::memory_order_relaxed);
}

Result<void> Notify::may_go_on() const {
  if (std::chrono::steady_clock::now() < end_.load(std::memory_order_relaxed)) return {};
  return fail(ErrorKind::unavailable, "the program stops before this batch is complete; the rest is redelivered");
}

/// `begun`: the number of messages begun of each batch. The hints of the last transaction are left to send.
Result<void> Notify::attempt(Batches batches, std::chrono::steady_clock::time_point until, std::vector<Part>& parts,
                             std::vector<std::size_t>& begun) {
  Pending pending;
  bool is_first = true;
  for (std::size_t batch = 0; batch < batches.size(); ++batch) {
    for (const Activity& activity : batches[batch]) {
      const auto now = std::chrono::steady_clock::now();
      if (!std::exchange(is_first, false) && now >= until) return store(pending, parts);
      auto recipients = resolve(activity);
      parts[batch].resolving += std::chrono::steady_clock::now() - now;
      const Place place{batch, begun[batch]};
      if (!recipients && recipients.error().kind != ErrorKind::invalid) {
        // The messages before this one do not wait for its policy read.
        if (auto done = flush(pending, parts); !done) return done;
        for (std::size_t i = 0; i <= batch; ++i) parts[i].handled = begun[i];
        ++begun[batch];
        return error_of(recipients);
      }
      if (recipients) {
        if (auto done = add({activity, std::move(recipients->users), recipients->large}, place, pending, parts);
            !done) {
          return done;
        }
      } else {
        parts[batch].poison.push_back({place.index, std::move(recipients.error().message)});
      }
      ++begun[batch];
    }
  }
  return store(pending, parts);
}

/// Adds the message to the next transaction; if it does not fit, that transaction is done first.
Result<void> Notify::add(store::NewNotification message, Place place, Pending& pending, std::vector<Part>& parts) {
  const std::size_t rows = message.later ? 0 : message.recipients.size();
  if (!pending.messages.empty() && pending.rows + rows > options_.max_recipient_rows) {
    if (auto done = flush(pending, parts); !done) return done;
  }
  pending.rows += rows;
  pending.messages.push_back(std::move(message));
  pending.places.push_back(place);
  return {};
}

Result<resolve::Recipients> Notify::resolve(const Activity& activity) {
  if (auto allowed = may_go_on(); !allowed) return error_of(allowed);
  const std::uint64_t before = resolver_.left_out();
  const auto began = options_.spans != nullptr ? trace::now() : trace::Time{};
  auto users = retrying_conflicts([this, &activity] { return resolver_.resolve(activity); });
  if (options_.spans != nullptr && users) note_resolved(activity, began, *users);
  if (resolver_.left_out() > before) note_left_out(activity, resolver_.left_out() - before);
  return users;
}

void Notify::note_resolved(const Activity& activity, trace::Time began, const resolve::Recipients& recipients) {
  const auto parent = trace::traced(options_.spans, activity.traceparent);
  if (!parent) return;
  options_.spans->add({.self = options_.spans->child_of(*parent),
                       .parent = parent->span,
                       .begin = began,
                       .end = trace::now(),
                       .details = trace::Resolve{activity.scope, recipients.users.size()}});
}

/// Each traced message of the transaction gets a span of its own, in its own trace; the others link to the first.
void Notify::note_stored(std::span<const store::NewNotification> messages,
                         const std::vector<store::IngestResult>& results, trace::Time began) {
  const auto end = trace::now();
  observe::SpanContext first;
  for (std::size_t i = 0; i < messages.size() && i < results.size(); ++i) {
    const auto parent = trace::traced(options_.spans, messages[i].activity.traceparent);
    if (!parent) continue;
    const auto self = options_.spans->child_of(*parent);
    options_.spans->add({.self = self,
                         .parent = parent->span,
                         .begin = began,
                         .end = end,
                         .details = trace::Store{messages.size(), results[i].recipients.size(),
                                                 outcome_text(results[i].outcome), first}});
    if (!first) first = self;
  }
}

void Notify::note_left_out(const Activity& activity, std::uint64_t members) {
  stats_->members_left_out.add(members);
  std::int64_t suppressed = 0;
  if (!left_out_gate_.pass(suppressed)) return;
  const std::string* id = domain_id(activity);
  log_.warn(
      "members left out: their ids in the policy table are invalid (empty, over 128 bytes, with U+0000)",
      {{"scope", to_text(activity.scope)}, {"id", id ? *id : ""}, {"members", members}, {"suppressed", suppressed}});
}

/// Stores the messages and sends their hints at once, because the rest of the batch takes a while.
Result<void> Notify::flush(Pending& pending, std::vector<Part>& parts) {
  auto done = store(pending, parts);
  send_hints();
  return done;
}

Result<void> Notify::store(Pending& pending, std::vector<Part>& parts) {
  Pending taken = std::exchange(pending, {});
  return store_range(taken.messages, taken.places, parts);
}

void Notify::send_hints() {
  if (unsent_.empty()) return;
  if (before_hints_) std::exchange(before_hints_, nullptr)();
  for (const Unsent& one : unsent_) push(one.activity, one.result);
  unsent_.clear();
}

Result<void> Notify::store_range(std::span<store::NewNotification> messages, std::span<const Place> places,
                                 std::vector<Part>& parts) {
  if (messages.empty()) return {};
  if (auto allowed = may_go_on(); !allowed) return allowed;
  const auto began = options_.spans != nullptr ? trace::now() : trace::Time{};
  auto results = retrying_conflicts([this, messages] { return notifications_.ingest(messages); });
  if (results) {
    if (options_.spans != nullptr) note_stored(messages, *results, began);
    for (std::size_t i = 0; i < messages.size() && i < results->size(); ++i) {
      store::IngestResult& result = (*results)[i];
      Part& part = parts[places[i].batch];
      if (result.outcome == store::IngestOutcome::waiting) {
        part.waiting.push_back({places[i].index, std::move(result.waits_for)});
      } else {
        unsent_.push_back({std::move(messages[i].activity), std::move(result)});
      }
      part.handled = places[i].index + 1;
    }
    return {};
  }
  if (results.error().kind != ErrorKind::invalid) return error_of(results);
  if (messages.size() == 1) {
    Part& part = parts[places.front().batch];
    part.poison.push_back({places.front().index, std::move(results.error().message)});
    part.handled = places.front().index + 1;
    return {};
  }
  const std::size_t half = messages.size() / 2;
  log_.debug("batch halved", {{"messages", messages.size()}, {"reason", results.error().message}});
  if (auto first = store_range(messages.first(half), places.first(half), parts); !first) return first;
  send_hints();
  return store_range(messages.subspan(half), places.subspan(half), parts);
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
  push_young({push_, options_.hint_max_age, options_.now, options_.spans}, result.notification, activity.traceparent,
             activity.record_time, result.recipients, *stats_);
}

}  // namespace nx::delivery
