#include "rest/explanation.hpp"

#include <algorithm>

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

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

std::string plural(std::size_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
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
      return {"not_in_scope", head + facts.policy->why + "."};
    case Outcome::ended:
      if (facts.policy->ended_at && *facts.policy->ended_at > facts.stored.notification.created_at) {
        return {"membership_ended",
                head + facts.policy->why + ", which had not yet begun when it was stored at " + stored + "."};
      }
      return {"membership_ended", head + facts.policy->why + "; it was stored at " + stored + "."};
    case Outcome::member:
      break;
  }
  return {"joined_later", head + facts.policy->why + " now, but not yet when it was stored at " + stored +
                              " (rows are read up to 5 s late)."};
}

/// Instances whose records begin after the notification was stored.
std::vector<std::string> forgetful(const Facts& facts) {
  std::vector<std::string> names;
  for (const auto& [instance, since] : facts.seen.records_since) {
    if (since > facts.stored.notification.created_at) names.push_back(instance + " (since " + at(since) + ")");
  }
  return names;
}

Verdict not_seen(const Facts& facts, const std::string& head) {
  const EpochMs stored = facts.stored.notification.created_at;
  for (const operators::LocatedClient& located : facts.seen.clients) {
    if (located.client.connected_at >= stored) continue;
    if (forgetful(facts).empty()) {
      return {"lost", head + "a client is connected to instance " + located.instance + " since " +
                          at(located.client.connected_at) +
                          ", but no push was recorded: the hint was lost on "
                          "its way there (Redis was unavailable, or the "
                          "mailbox of the shard was full). The next catch-up sends it."};
    }
  }
  if (!facts.seen.missing.empty()) {
    return {"unknown", head + "no push is known, but these instances did not answer: " + joined(facts.seen.missing) +
                           ". It waits in the inbox."};
  }
  if (const auto names = forgetful(facts); !names.empty()) {
    return {"unknown", head +
                           "no push is known, but the records of these "
                           "instances do not reach back to " +
                           at(stored) + ", when it was stored: " + joined(names) + ". It waits in the inbox."};
  }
  return {"offline", head + "no client of the user was connected when it was pushed at " + at(stored) +
                         ". It waits in the inbox for the next catch-up."};
}

Verdict by_pushes(const Facts& facts, const std::string& head) {
  constexpr const char* kNoAck = "; no client has acknowledged it (only clients that send `ack` do).";
  if (const auto pushed = pushes_of(facts, PushRecord::Outcome::pushed); !pushed.empty()) {
    return {"pushed", head + "it was pushed to " + plural(pushed.size(), "connection") + " at " +
                          at(pushed.front().push.at) + kNoAck};
  }
  if (const auto brought = pushes_of(facts, PushRecord::Outcome::caught_up); !brought.empty()) {
    return {"caught_up", head + "a catch-up sent it at " + at(brought.front().push.at) + kNoAck};
  }
  if (const auto slow = pushes_of(facts, PushRecord::Outcome::slow_closed); !slow.empty()) {
    return {"slow_closed", head + "it was queued for " + plural(slow.size(), "connection") +
                               " that did not read, closed with 1013 at " + at(slow.front().push.at) +
                               ". It waits in the inbox for the next catch-up."};
  }
  if (const auto held = pushes_of(facts, PushRecord::Outcome::held); !held.empty()) {
    return {"held", head + "it was pushed during a catch-up at " + at(held.front().push.at) +
                        ", which sends it after its rows or reports complete: false."};
  }
  return not_seen(facts, head);
}

Verdict in_inbox(const Facts& facts) {
  const store::DeliveryRecord& record = *facts.record;
  std::string head = facts.user.value + " has it as seq " + std::to_string(record.seq) + " (" + why_recipient(facts) +
                     (record.archived_at ? "; archived at " + at(*record.archived_at) : "") + "): ";
  if (record.delivered_at) {
    return {"acked", head + "a client acknowledged it at " + at(*record.delivered_at) +
                         (record.read_at ? "; it was read at " + at(*record.read_at) + "." : ".")};
  }
  if (record.read_at) return {"read", head + "it was read at " + at(*record.read_at) + "."};
  if (was_too_old(facts) && facts.seen.pushes.empty()) {
    const auto age = facts.stored.notification.created_at.value - record_time(facts.stored)->value;
    return {"too_old", head + "it was not pushed: the record was " + std::to_string(age / 1'000) +
                           " s old when it was stored, more than SIGNAL_HINT_MAX_AGE_MS=" +
                           std::to_string(facts.hint_max_age.count()) + ". It waits in the inbox."};
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
    return {"not_yet", facts.user.value + " does not have it yet (" + why_recipient(facts) +
                           "): it is stored slice by slice, and " + std::to_string(*facts.still_to_come) +
                           " recipients have it so far."};
  }
  return not_in_inbox(facts);
}

}  // namespace nx::rest
