// Which inboxes have rows of recent notifications, for hints that were lost.

#include <map>
#include <thread>

#include "component/store/repository_suite.hpp"

namespace nx::store {
namespace {

TEST_P(RecentRowsSuite, TellsWhichInboxesHaveRowsOfRecentNotifications) {
  fill(3);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const EpochMs since = now_wall();
  ingest(message({"u1", "u2"}));
  ingest(message({"u1"}));
  const std::vector<UserId> asked{{"u1"}, {"u2"}, {"nobody"}};
  const auto below = [&](EpochMs from, std::size_t rows) {
    std::map<std::string, std::int64_t> positions;
    const auto grown = store_->grown(asked, from, rows);
    EXPECT_TRUE(grown);
    for (const Grown& one : *grown) positions[one.user.value] = one.below;
    return positions;
  };
  using Positions = std::map<std::string, std::int64_t>;
  EXPECT_EQ(below(since, 10), (Positions{{"u1", 3}, {"u2", 0}}));
  EXPECT_EQ(below(since, 1), (Positions{{"u1", 4}, {"u2", 0}}));
  EXPECT_EQ(below({0}, 10), (Positions{{"u1", 0}, {"u2", 0}}));
  EXPECT_EQ(below({now_wall().value + 60'000}, 10), Positions{});
}

}  // namespace
}  // namespace nx::store
