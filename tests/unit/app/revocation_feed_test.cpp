#include "app/revocation_feed.hpp"

#include <algorithm>
#include <memory>

#include <gmock/gmock.h>

namespace nx::app {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const observe::Logger kQuiet{{.level = observe::Level::error, .fd = -1}};
constexpr std::chrono::hours kNever{1'000};  // after the first time

class RevocationFeedTest : public testing::Test {
 protected:
  /// As the table answers: by time and user.
  RevocationFeed::Rows rows() {
    return [this](const store::Revocation& after, std::size_t limit) -> Result<std::vector<store::Revocation>> {
      if (away_) return fail(ErrorKind::unavailable, "away");
      const auto place = [](const store::Revocation& row) { return std::pair{row.revoked_at, row.user.value}; };
      std::ranges::sort(table_, {}, place);
      std::vector<store::Revocation> page;
      for (const store::Revocation& row : table_) {
        if (place(row) > place(after) && page.size() < limit) page.push_back(row);
      }
      return page;
    };
  }
  bool is_refused(const std::string& user) const {
    auth::Claims claims;
    claims.user.id = {user};
    return revocations_.cover(claims);
  }
  std::unique_ptr<RevocationFeed> feed(std::chrono::milliseconds whole_every) {
    return std::make_unique<RevocationFeed>(
        revocations_, [this](const store::Revocation& one) { learned_.push_back(one.user.value); }, kQuiet,
        whole_every);
  }

  std::vector<store::Revocation> table_;
  bool away_ = false;
  auth::Revocations revocations_;
  std::vector<std::string> learned_;
};

TEST_F(RevocationFeedTest, TellsOnceOfEachThatCameAfterTheFirstRead) {
  const auto feed = this->feed(kNever);
  feed->tell();
  table_ = {{{"a"}, now_wall()}};
  ASSERT_TRUE(feed->read(rows()));
  EXPECT_THAT(learned_, IsEmpty()) << "nobody was here";
  table_.push_back({{"b"}, now_wall()});
  ASSERT_TRUE(feed->read(rows()));
  ASSERT_TRUE(feed->read(rows()));
  EXPECT_THAT(learned_, ElementsAre("b"));
}

/// Clients are let in before the instance has started whole, which may take seconds.
TEST_F(RevocationFeedTest, WhatCameBeforeClientsWereLetInIsToldThen) {
  const auto feed = this->feed(kNever);
  ASSERT_TRUE(feed->read(rows()));
  table_ = {{{"a"}, now_wall()}};
  ASSERT_TRUE(feed->read(rows()));
  EXPECT_THAT(learned_, IsEmpty());
  feed->tell();
  EXPECT_THAT(learned_, ElementsAre("a"));
}

TEST_F(RevocationFeedTest, ARowOfTheFutureHidesNoneThatComesLater) {
  const auto feed = this->feed(kNever);
  table_ = {{{"a"}, {now_wall().value + 86'400'000}}};
  ASSERT_TRUE(feed->read(rows()));
  table_.push_back({{"b"}, now_wall()});
  ASSERT_TRUE(feed->read(rows()));
  EXPECT_TRUE(is_refused("b"));
}

TEST_F(RevocationFeedTest, ARowWithATimeLongAgoIsFoundWhenAllIsRead) {
  const auto feed = this->feed(std::chrono::milliseconds{0});
  table_ = {{{"a"}, now_wall()}};
  ASSERT_TRUE(feed->read(rows()));
  table_.push_back({{"b"}, {now_wall().value - 3'600'000}});  // another server's clock
  ASSERT_TRUE(feed->read(rows()));
  EXPECT_TRUE(is_refused("b"));
}

TEST_F(RevocationFeedTest, WhatTheTableDoesNotHaveIsForgotten) {
  const auto feed = this->feed(std::chrono::milliseconds{0});
  table_ = {{{"purged"}, now_wall()}, {{"kept"}, now_wall()}};
  ASSERT_TRUE(feed->read(rows()));
  feed->receive({{"made up"}, now_wall()});
  EXPECT_TRUE(is_refused("made up")) << "until the table is asked";
  std::erase_if(table_, [](const store::Revocation& row) { return row.user.value == "purged"; });
  ASSERT_TRUE(feed->read(rows()));
  EXPECT_TRUE(is_refused("made up")) << "the table may have been behind";
  ASSERT_TRUE(feed->read(rows()));
  EXPECT_FALSE(is_refused("purged"));
  EXPECT_FALSE(is_refused("made up"));
  EXPECT_TRUE(is_refused("kept"));
}

TEST_F(RevocationFeedTest, WhileTheTableCanNotBeReadNothingIsForgotten) {
  const auto feed = this->feed(std::chrono::milliseconds{0});
  table_ = {{{"a"}, now_wall()}};
  ASSERT_TRUE(feed->read(rows()));
  feed->receive({{"b"}, now_wall()});
  away_ = true;
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(feed->read(rows()));
  EXPECT_TRUE(is_refused("a"));
  EXPECT_TRUE(is_refused("b"));
  away_ = false;
  ASSERT_TRUE(feed->read(rows()));
  EXPECT_TRUE(is_refused("b")) << "the table may be behind";
}

}  // namespace
}  // namespace nx::app
