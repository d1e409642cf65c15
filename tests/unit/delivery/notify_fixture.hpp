#pragma once
// Notify over repositories in memory, and the hints that it pushed.

#include <array>
#include <chrono>
#include <optional>

#include <gtest/gtest.h>

#include "delivery/notify.hpp"
#include "unit/delivery/fakes.hpp"

namespace nx::delivery::testing {

inline constexpr EpochMs kNow{1'800'000'000'000};

class NotifyTest : public ::testing::Test {
 protected:
  struct Hint {
    std::string head;
    std::vector<fanout::HintRecipient> to;
    EpochMs recorded;
    observe::SpanContext parent;
  };

  NotifyOptions options{.now = [] { return kNow; }};
  FakePolicies policies;
  FakeRows rows;
  std::optional<resolve::RecipientResolver> resolver;
  std::vector<Hint> pushed;
  std::size_t connected = 1'000'000;
  bool has_bus = false;

  Result<std::vector<Poison>> run(const std::vector<Activity>& batch) {
    resolver.emplace(policies);
    notify = std::make_unique<Notify>(
        *resolver, rows,
        [this](const fanout::Payload& head, const std::vector<fanout::HintRecipient>& to,
               const fanout::HintOrigin& origin) {
          pushed.push_back({*head, to, origin.recorded, origin.parent});
          return Pushed{.here = std::min(connected, to.size()), .bus = has_bus ? to.size() : 0};
        },
        options, kQuiet);
    return (*notify)(batch);
  }
  const NotifyStats& stats() const { return notify->stats(); }
  std::unique_ptr<Notify> notify;

  Part some(std::span<const Activity> batch, std::chrono::steady_clock::time_point until = kNever) {
    return notify->some(std::array{batch}, until).front();
  }
  static constexpr auto kNever = std::chrono::steady_clock::time_point::max();
  static Activity to_organizer(const std::string& title) {
    Activity activity = to_users(title, 0);
    activity.scope = RecipientScope::organizer;
    activity.organizer_id = "o1";
    return activity;
  }

  static Activity to_users(const std::string& title, int users) {
    Activity activity;
    activity.source = "t/0/" + title + "/1";
    activity.type = "t";
    activity.title = title;
    activity.record_time = kNow;
    for (int i = 0; i < users; ++i) activity.recipient_ids.push_back({"u" + std::to_string(i)});
    return activity;
  }
};

}  // namespace nx::delivery::testing
