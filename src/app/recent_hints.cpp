#include "app/recent_hints.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "contract/notification_json.hpp"
#include "contract/server_frame.hpp"

namespace nx::app {

using session::RecentHint;
using Hints = std::vector<RecentHint>;

namespace {

Hints hints_of(const store::Missed& missed, EpochMs oldest) {
  Hints hints;
  for (const InboxRow& row : missed.rows) {
    if (row.read_at || row.notification.created_at < oldest) continue;
    std::string text = contract::hint_head(row.notification, std::nullopt);
    contract::append_hint_tail(text, row.seq, missed.now.count);
    hints.push_back({row.seq, row.notification.created_at, std::move(text)});
  }
  return hints;
}

}  // namespace

Result<std::vector<Hints>> recent_hints(store::ActivityNotificationRepository& notifications,
                                        const std::vector<UserId>& users, EpochMs since,
                                        const RecentHintsBounds& bounds) {
  const auto grown = notifications.grown(users, since, session::kRecentHints);
  if (!grown) return error_of(grown);
  std::vector<Hints> hints;
  bool asked = false;
  std::size_t bytes = 0;
  for (const UserId& user : users) {
    const auto inbox = std::ranges::find(*grown, user, &store::Grown::user);
    if (inbox == grown->end()) {
      hints.emplace_back();
      continue;
    }
    const bool over = bytes >= bounds.bytes || std::chrono::steady_clock::now() >= bounds.deadline;
    if (std::exchange(asked, true) && over) break;
    // another client of the same user
    const auto known = static_cast<std::size_t>(std::ranges::find(users, user) - users.begin());
    if (known < hints.size()) {
      hints.push_back(Hints(hints[known]));
    } else {
      const auto missed = notifications.missed(user, inbox->below, session::kRecentHints);
      if (!missed) return error_of(missed);
      hints.push_back(hints_of(*missed, bounds.oldest));
    }
    for (const RecentHint& hint : hints.back()) bytes += hint.text.size();
  }
  return hints;
}

}  // namespace nx::app
