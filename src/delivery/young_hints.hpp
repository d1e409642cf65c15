#pragma once
// Pushes hints for new rows after the commit, unless their record is too old to be news.

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fanout/fan_out.hpp"
#include "model/notification.hpp"
#include "model/time.hpp"
#include "observe/counter.hpp"
#include "store/activity_notification_repository.hpp"

namespace nx::delivery {

/// The result of a hint: the number of recipients connected here, and of recipients that other instances were told of.
struct Pushed {
  std::size_t here = 0, bus = 0;
};

/// Pushes hints (hint_push.hpp). `recorded` is the Kafka record's time.
using PushHint =
    std::function<Pushed(const fanout::Payload& head, const std::vector<fanout::HintRecipient>& to, EpochMs recorded)>;

struct HintStats {
  observe::SharedCounter hints_local, hints_bus, hints_no_client,
      hints_too_old;  // one for each recipient; bus: not connected here
};

struct YoungHints {
  const PushHint& push;
  std::chrono::milliseconds max_age;  // 0 or less: every record is too old
  EpochMs (*now)();
};

void push_young(const YoungHints& hints, const Notification& notification,
                const std::optional<std::string>& traceparent, EpochMs recorded,
                const std::vector<store::Delivered>& rows, HintStats& stats);

}  // namespace nx::delivery
