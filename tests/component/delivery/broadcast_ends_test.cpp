// Workers of messages to very many that end in the middle, on both databases.

#include <thread>

#include <gtest/gtest.h>

#include "component/delivery/broadcast_stints_fixture.hpp"
#include "delivery/broadcast_worker.hpp"

namespace nx::delivery {
namespace {

/// The link breaks in the commit of one slice: it is made, and nobody learns of it.
class BreaksInCommit final : public store::BroadcastRepository {
 public:
  explicit BreaksInCommit(std::unique_ptr<store::BroadcastRepository> real) : real_(std::move(real)) {}

  Result<store::StoredSlice> store(const std::string& worker, const NotificationId& id,
                                   const store::BroadcastSlice& slice) override {
    auto stored = real_->store(worker, id, slice);
    if (++slices_ == 2) return fail(ErrorKind::unavailable, "the link broke");
    return stored;
  }
  Result<std::optional<store::Broadcast>> take(const std::string& worker) override { return real_->take(worker); }
  Result<std::vector<store::Delivered>> delivered(const NotificationId& id, std::span<const UserId> users) override {
    return real_->delivered(id, users);
  }
  Result<void> release(const std::string& worker, const NotificationId& id, bool confirmed,
                       std::chrono::milliseconds) override {
    return real_->release(worker, id, confirmed, 0ms);
  }
  Result<bool> finish(const std::string& worker, const NotificationId& id) override {
    return real_->finish(worker, id);
  }
  Result<store::OpenBroadcasts> open(std::size_t limit) override { return real_->open(limit); }
  Result<std::optional<store::BroadcastPosition>> position(const NotificationId& id, const UserId& user) override {
    return real_->position(id, user);
  }

 private:
  std::unique_ptr<store::BroadcastRepository> real_;
  int slices_ = 0;
};
using BroadcastEnds = Stints;

/// Killed after the commit of a slice and before its hints; then the next one likewise; then one that finishes.
TEST_P(BroadcastEnds, WhateverIsKilledNobodyHasTwoRowsAndEveryoneHearsOfIt) {
  const auto users = join(50, "Organizer", "o1");
  const NotificationId id = post_to_organizer("o1", {{users[3]}});
  auto killed = backend_->open();
  std::optional<std::string> from;
  for (const auto& [first, last] : {std::pair{0, 10}, std::pair{10, 20}}) {
    const std::string worker = "killed " + std::to_string(first);
    ASSERT_TRUE(*killed.broadcasts->take(worker));
    store::BroadcastSlice slice{.from = from, .through = users[static_cast<std::size_t>(last - 1)], .recipients = {}};
    for (int i = first; i < last; ++i) {
      if (i != 3) slice.recipients.push_back({users[static_cast<std::size_t>(i)]});
    }
    ASSERT_EQ(killed.broadcasts->store(worker, id, slice)->outcome, store::StoredSlice::Outcome::stored);
    from = slice.through;
    if (first == 0) hints_[users[0]] = 1;  // as far as it came
    backend_->end_leases();
  }
  const auto stints = worker("w3");

  work(*stints);

  EXPECT_EQ(stints->stats().taken_over.value(), 1U);
  expect_rows({users[3]}, 0);
  EXPECT_EQ(hints_[users[3]], 0);
  std::vector<std::string> got(users);
  got.erase(got.begin() + 3);
  expect_rows(got, 1);
  expect_hints({users.begin() + 10, users.end()}, 1);
}

TEST_P(BroadcastEnds, HintsOfASliceWhoseCommitWasNotHeardOfArePushed) {
  const auto users = join(40, "Organizer", "o1");
  post_to_organizer("o1");
  store::Repositories repositories = backend_->open();
  repositories.broadcasts = std::make_unique<BreaksInCommit>(std::move(repositories.broadcasts));
  const auto stints = worker("w1", std::move(repositories));

  work(*stints);

  EXPECT_EQ(stints->stats().failures.value(), 1U);
  expect_rows(users, 1);
  expect_hints(users, 1);
}

TEST_P(BroadcastEnds, WhoIsAskedToStopLeavesTheRestToOthers) {
  const auto users = join(30, "Organizer", "o1");
  post_to_organizer("o1");
  std::stop_source stop;
  stop.request_stop();
  const auto first = worker("w1");

  ASSERT_TRUE(first->run(stop.get_token()));
  EXPECT_EQ(first->stats().slices.value(), 1U);
  work(*worker("w2"));

  expect_rows(users, 1);
  expect_hints(users, 1);
}

TEST_P(BroadcastEnds, TheThreadIsWokenAndStops) {
  const auto users = join(15, "Organizer", "o1");
  options_.look_every = 1h;
  std::atomic<int> hinted{0};
  BroadcastWorker thread(
      "w1", backend_->open(),
      [&hinted](const fanout::Payload&, const std::vector<fanout::HintRecipient>& to, const fanout::HintOrigin&) {
        hinted += static_cast<int>(to.size());
        return Pushed{};
      },
      options_, kQuiet);
  thread.start();
  std::this_thread::sleep_for(50ms);
  post_to_organizer("o1");
  thread.wake();
  for (int i = 0; i < 1'000 && hinted < 15; ++i) std::this_thread::sleep_for(20ms);
  thread.stop();

  EXPECT_EQ(hinted, 15);
  expect_rows(users, 1);
}

INSTANTIATE_TEST_SUITE_P(Sqlite, BroadcastEnds, kOnSqlite);
INSTANTIATE_TEST_SUITE_P(Postgres, BroadcastEnds, kOnPostgres);

}  // namespace
}  // namespace nx::delivery
