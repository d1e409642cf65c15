// What pushing hints costs while tracing is off.

#include <gtest/gtest.h>

#include "contract/notification_json.hpp"
#include "counted_allocations.hpp"
#include "delivery/young_hints.hpp"

namespace nx::delivery {
namespace {

/// Allocations of a push beside those of the hint's text.
std::uint64_t cost(const std::optional<std::string>& traceparent) {
  const Notification notification;
  const std::vector<store::Delivered> rows(1);
  const PushHint push = [](const auto&, const auto&, const auto&) { return Pushed{}; };
  const YoungHints hints{
      .push = push, .max_age = std::chrono::hours(1), .now = [] { return EpochMs{}; }, .spans = nullptr};
  HintStats stats;
  const std::uint64_t before = testing::allocations();
  push_young(hints, notification, traceparent, {}, rows, stats);
  const std::uint64_t pushed = testing::allocations();
  static_cast<void>(contract::hint_head(notification, traceparent));
  return (pushed - before) - (testing::allocations() - pushed);
}

TEST(YoungHintsCostTest, WithoutTracingTheHeaderOfAMessageIsNotCopied) {
  const std::string header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  EXPECT_EQ(cost(header), cost(std::nullopt));
}

}  // namespace
}  // namespace nx::delivery
