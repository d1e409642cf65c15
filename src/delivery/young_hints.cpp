#include "delivery/young_hints.hpp"

#include <memory>

#include "contract/notification_json.hpp"

namespace nx::delivery {

void push_young(const YoungHints& hints, const Notification& notification,
                const std::optional<std::string>& traceparent, EpochMs recorded,
                const std::vector<store::Delivered>& rows, HintStats& stats) {
  if (rows.empty()) return;
  const std::int64_t max_age = hints.max_age.count();
  if (max_age <= 0 || hints.now().value - recorded.value > max_age) {
    stats.hints_too_old.add(rows.size());
    return;
  }
  const auto parent = trace::traced(hints.spans, traceparent);
  const auto self = parent ? hints.spans->child_of(*parent) : observe::SpanContext{};
  const auto began = parent ? trace::now() : trace::Time{};
  const auto head =
      std::make_shared<const std::string>(parent ? contract::hint_head(notification, observe::traceparent_text(self))
                                                 : contract::hint_head(notification, traceparent));
  std::vector<fanout::HintRecipient> to;
  to.reserve(rows.size());
  for (const store::Delivered& row : rows) to.push_back({row.user, row.seq, row.unread});
  const Pushed pushed = hints.push(head, to, {.recorded = recorded, .parent = self});
  stats.hints_local.add(pushed.here);
  (pushed.bus > 0 ? stats.hints_bus : stats.hints_no_client).add(to.size() - pushed.here);
  if (!parent) return;
  hints.spans->add({.self = self,
                    .parent = parent->span,
                    .begin = began,
                    .end = trace::now(),
                    .details = trace::Publish{to.size(), pushed.here, pushed.channel}});
}

}  // namespace nx::delivery
