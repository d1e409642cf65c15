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
#include "trace/span_writer.hpp"

namespace nx::delivery {

/// The result of a hint: the number of recipients connected here, and of recipients that other instances were told of.
struct Pushed {
  std::size_t here = 0, bus = 0;
  const char* channel = nullptr;  // the kind of channel on the bus; null: there is no bus
};

/// Pushes hints (hint_push.hpp).
using PushHint = std::function<Pushed(const fanout::Payload& head, const std::vector<fanout::HintRecipient>& to,
                                      const fanout::HintOrigin& origin)>;

struct HintStats {
  observe::SharedCounter hints_local, hints_bus, hints_no_client,
      hints_too_old;  // one for each recipient; bus: not connected here
};

struct YoungHints {
  const PushHint& push;
  std::chrono::milliseconds max_age;  // 0 or less: every record is too old
  EpochMs (*now)();
  trace::SpanWriter* spans;  // null: tracing is off
};

/// With tracing, the hint of a sampled message carries the header `traceparent` of its own span instead of the given
/// one, so that the frames become children of that span on every instance.
void push_young(const YoungHints& hints, const Notification& notification,
                const std::optional<std::string>& traceparent, EpochMs recorded,
                const std::vector<store::Delivered>& rows, HintStats& stats);

}  // namespace nx::delivery
