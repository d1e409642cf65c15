// Which hints are read after a gap of the bus, and when an answer ends early.

#include "app/recent_hints.hpp"

#include <map>

#include <gtest/gtest.h>

#include "fakes/empty_repositories.hpp"

namespace nx::app {
namespace {

using Clock = std::chrono::steady_clock;

class Inboxes : public fakes::EmptyNotifications {
 public:
  Result<std::vector<store::Grown>> grown(std::span<const UserId>, EpochMs, std::size_t) override {
    std::vector<store::Grown> all;
    for (const auto& [user, rows] : rows_) all.push_back({{user}, 0});
    return all;
  }
  Result<store::Missed> missed(const UserId& user, std::int64_t, std::size_t) override {
    asked_.push_back(user.value);
    store::Missed missed;
    missed.rows = rows_.at(user.value);
    return missed;
  }
  void add(const std::string& user, std::int64_t seq, EpochMs at, bool read = false) {
    InboxRow row;
    row.seq = seq;
    row.notification.created_at = at;
    if (read) row.read_at = at;
    rows_[user].push_back(row);
  }

  std::map<std::string, std::vector<InboxRow>> rows_;
  std::vector<std::string> asked_;
};

const RecentHintsBounds kNoBounds{.oldest = {}, .deadline = Clock::time_point::max()};

TEST(RecentHintsTest, ReadAndOldRowsAreLeftOut) {
  Inboxes inboxes;
  inboxes.add("u1", 1, {100});
  inboxes.add("u1", 2, {200});
  inboxes.add("u1", 3, {300}, true);

  const auto hints = recent_hints(inboxes, {{"u0"}, {"u1"}}, {}, {.oldest = {200}, .deadline = kNoBounds.deadline});

  ASSERT_TRUE(hints);
  ASSERT_EQ(hints->size(), 2U);
  EXPECT_TRUE(hints->at(0).empty());
  ASSERT_EQ(hints->at(1).size(), 1U);
  EXPECT_EQ(hints->at(1)[0].seq, 2);
}

TEST(RecentHintsTest, AfterTheDeadlineNoMoreStatementIsExecuted) {
  Inboxes inboxes;
  for (const char* user : {"u1", "u3"}) inboxes.add(user, 1, {100});

  const auto hints =
      recent_hints(inboxes, {{"u0"}, {"u1"}, {"u2"}, {"u3"}, {"u4"}}, {}, {.oldest = {}, .deadline = Clock::now()});

  ASSERT_TRUE(hints);
  EXPECT_EQ(hints->size(), 3U) << "u1, who makes the answer not empty, and who has no rows";
  EXPECT_EQ(hints->at(1).size(), 1U);
  EXPECT_EQ(inboxes.asked_, std::vector<std::string>{"u1"});
}

TEST(RecentHintsTest, AnAnswerOfManyBytesEndsEarly) {
  Inboxes inboxes;
  for (const char* user : {"u1", "u2"}) inboxes.add(user, 1, {100});

  const auto hints =
      recent_hints(inboxes, {{"u1"}, {"u2"}}, {}, {.oldest = {}, .deadline = kNoBounds.deadline, .bytes = 1});

  ASSERT_TRUE(hints);
  EXPECT_EQ(hints->size(), 1U);
}

TEST(RecentHintsTest, ClientsOfOneUserShareAStatement) {
  Inboxes inboxes;
  inboxes.add("u1", 1, {100});

  const auto hints = recent_hints(inboxes, {{"u1"}, {"u1"}}, {}, kNoBounds);

  ASSERT_TRUE(hints);
  ASSERT_EQ(hints->size(), 2U);
  EXPECT_EQ(hints->at(0).size(), 1U);
  EXPECT_EQ(hints->at(1).size(), 1U);
  EXPECT_EQ(inboxes.asked_.size(), 1U);
}

}  // namespace
}  // namespace nx::app
