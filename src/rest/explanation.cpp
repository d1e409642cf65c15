#include "rest/explanation.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "contract/record_time.hpp"
#include "model/number.hpp"

namespace nx::rest {
namespace {

using contract::PushRecord;
using operators::LocatedPush;
using Outcome = resolve::PolicyTrace::Outcome;

std::string at(EpochMs time) {
  return iso8601(time);
}

std::string plural(std::size_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

/// The pushes with that outcome, oldest first.
std::vector<LocatedPush> pushes_of(const Facts& facts, PushRecord::Outcome outcome) {
  std::vector<LocatedPush> found;
  for (const LocatedPush& push : facts.seen.pushes) {
    if (push.push.outcome == outcome) found.push_back(push);
  }
  std::ranges::sort(found, {}, [](const LocatedPush& push) { return push.push.at; });
  return found;
}

std::string why_recipient(const Facts& facts) {
  if (!facts.policy) return "named in recipientIds";
  if (facts.policy->outcome == Outcome::member) return facts.policy->why;
  return "a member when it was stored; now " + facts.policy->why;
}

Verdict not_in_inbox(const Facts& facts) {
  const std::string head = facts.user.value + " did not get it: ";
  if (!facts.policy) return {"not_in_scope", head + "not named in recipientIds."};
  const std::string stored = at(facts.stored.notification.created_at);
  switch (facts.policy->outcome) {
    case Outcome::none:
      return {"not_in_scope", fmt::format("{}{}.", head, facts.policy->why)};
    case Outcome::ended:
      if (facts.policy->ended_at && *facts.policy->ended_at > facts.stored.notification.created_at) {
        return {"membership_ended", fmt::format("{}{}, which had not yet begun when it was stored at {}.", head,
                                                facts.policy->why, stored)};
      }
      return {"membership_ended", fmt::format("{}{}; it was stored at {}.", head, facts.policy->why, stored)};
    case Outcome::member:
      break;
  }
  return {"joined_later", fmt::format("{}{} now, but not yet when it was stored at {} (rows are read up to 5 s late).",
                                      head, facts.policy->why, stored)};
}

/// Instances whose records begin after the notification was stored.
std::vector<std::string> forgetful(const Facts& facts) {
  std::vector<std::string> names;
  for (const auto& [instance, since] : facts.seen.records_since) {
    if (since > facts.stored.notification.created_at)
      names.push_back(fmt::format("{} (since {})", instance, at(since)));
  }
  return names;
}

Verdict not_seen(const Facts& facts, const std::string& head) {
  const EpochMs stored = facts.stored.notification.created_at;
  for (const operators::LocatedClient& located : facts.seen.clients) {
    if (located.client.connected_at >= stored) continue;
    if (forgetful(facts).empty()) {
      return {
          "lost",
          fmt::format(
              "{}a client is connected to instance {} since {}, but no push was recorded: the hint was lost on its way "
              "there (Redis was unavailable, or the mailbox of the shard was full). The next catch-up sends it.",
              head, located.instance, at(located.client.connected_at))};
    }
  }
  if (!facts.seen.missing.empty()) {
    return {"unknown", fmt::format("{}no push is known, but these instances did not answer: {}. It waits in the inbox.",
                                   head, fmt::join(facts.seen.missing, ", "))};
  }
  if (const auto names = forgetful(facts); !names.empty()) {
    return {"unknown", fmt::format("{}no push is known, but the records of these instances do not reach back to {}, "
                                   "when it was stored: {}. It waits in the inbox.",
                                   head, at(stored), fmt::join(names, ", "))};
  }
  return {"offline", fmt::format("{}no client of the user was connected when it was pushed at {}. It waits in the "
                                 "inbox for the next catch-up.",
                                 head, at(stored))};
}

Verdict by_pushes(const Facts& facts, const std::string& head) {
  constexpr const char* kNoAck = "; no client has acknowledged it (only clients that send `ack` do).";
  if (const auto pushed = pushes_of(facts, PushRecord::Outcome::pushed); !pushed.empty()) {
    return {"pushed", fmt::format("{}it was pushed to {} at {}{}", head, plural(pushed.size(), "connection"),
                                  at(pushed.front().push.at), kNoAck)};
  }
  if (const auto brought = pushes_of(facts, PushRecord::Outcome::caught_up); !brought.empty()) {
    return {"caught_up", fmt::format("{}a catch-up sent it at {}{}", head, at(brought.front().push.at), kNoAck)};
  }
  if (const auto slow = pushes_of(facts, PushRecord::Outcome::slow_closed); !slow.empty()) {
    return {"slow_closed", fmt::format("{}it was queued for {} that did not read, closed with 1013 at {}. It waits in "
                                       "the inbox for the next catch-up.",
                                       head, plural(slow.size(), "connection"), at(slow.front().push.at))};
  }
  if (const auto held = pushes_of(facts, PushRecord::Outcome::held); !held.empty()) {
    return {"held",
            fmt::format(
                "{}it was pushed during a catch-up at {}, which sends it after its rows or reports complete: false.",
                head, at(held.front().push.at))};
  }
  return not_seen(facts, head);
}

Verdict in_inbox(const Facts& facts) {
  const store::DeliveryRecord& record = *facts.record;
  std::string head = fmt::format("{} has it as seq {} ({}{}): ", facts.user.value, record.seq, why_recipient(facts),
                                 record.archived_at ? "; archived at " + at(*record.archived_at) : "");
  if (record.delivered_at) {
    const std::string read = record.read_at ? "; it was read at " + at(*record.read_at) : "";
    return {"acked", fmt::format("{}a client acknowledged it at {}{}.", head, at(*record.delivered_at), read)};
  }
  if (record.read_at) return {"read", fmt::format("{}it was read at {}.", head, at(*record.read_at))};
  if (was_too_old(facts) && facts.seen.pushes.empty()) {
    const auto age = facts.stored.notification.created_at.value - record_time(facts.stored)->value;
    return {"too_old", fmt::format("{}it was not pushed: the record was {} s old when it was stored, more than "
                                   "SIGNAL_HINT_MAX_AGE_MS={}. It waits in the inbox.",
                                   head, age / 1'000, facts.hint_max_age.count())};
  }
  return by_pushes(facts, head);
}

}  // namespace

bool is_excluded(const Facts& facts) {
  return std::ranges::find(facts.stored.excluded, facts.user) != facts.stored.excluded.end();
}

std::optional<EpochMs> record_time(const store::StoredNotification& stored) {
  if (!stored.source) return std::nullopt;
  const std::string_view text = std::string_view{*stored.source}.substr(stored.source->rfind('/') + 1);
  const auto timestamp = whole_number<std::int64_t>(text);
  if (!timestamp) return std::nullopt;
  return contract::meant_time({*timestamp});  // the time that decides whether it was pushed
}

bool was_too_old(const Facts& facts) {
  const auto time = record_time(facts.stored);
  return time && (facts.hint_max_age.count() <= 0 ||
                  facts.stored.notification.created_at.value - time->value > facts.hint_max_age.count());
}

Verdict verdict_on(const Facts& facts) {
  if (facts.record) return in_inbox(facts);
  if (is_excluded(facts)) {
    return {"excluded", facts.user.value + " did not get it: the message names the user in excludeUserIds."};
  }
  if (facts.still_to_come) {
    return {"not_yet",
            fmt::format("{} does not have it yet ({}): it is stored slice by slice, and {} recipients have it so far.",
                        facts.user.value, why_recipient(facts), *facts.still_to_come)};
  }
  return not_in_inbox(facts);
}

}  // namespace nx::rest
