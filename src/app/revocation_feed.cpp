#include "app/revocation_feed.hpp"

#include <algorithm>
#include <utility>

namespace nx::app {
namespace {

constexpr std::size_t kAtOnce = 10'000;
// A row that is committed late has an earlier time than rows that were read before it; a statement takes seconds.
constexpr std::int64_t kLateMs = 60'000;

}  // namespace

Result<void> RevocationFeed::read(const Rows& rows) {
  const auto now = std::chrono::steady_clock::now();
  const bool whole = now >= next_whole_;
  if (whole) revocations_.begin_round();
  auto done = read_behind(whole ? store::Revocation{} : store::Revocation{{}, {newest_.value - kLateMs}}, rows);
  if (!done) {
    failures_.fetch_add(1, std::memory_order_relaxed);
    if (!std::exchange(failing_, true)) {
      log_.error("revocations not read: until they are, only the bus tells this instance of revoked tokens",
                 {{"reason", done.error().message}});
    }
    return done;
  }
  if (std::exchange(failing_, false)) log_.info("revocations read again");
  has_read_ = true;
  if (!whole) return {};
  revocations_.end_round();
  next_whole_ = now + whole_every_;
  return {};
}

Result<void> RevocationFeed::read_behind(store::Revocation after, const Rows& rows) {
  for (;;) {
    const auto page = rows(after, kAtOnce);
    if (!page) return error_of(page);
    for (const store::Revocation& revocation : *page) {
      if (add(revocation) && has_read_) note(revocation);
    }
    if (!page->empty()) after = page->back();
    // A row that a wrong clock dated into the future must not hide newer rows.
    newest_ = std::max(newest_, std::min(after.revoked_at, now_wall()));
    if (page->size() < kAtOnce) return {};
  }
}

void RevocationFeed::note(const store::Revocation& revocation) {
  {
    const std::lock_guard lock(mutex_);
    if (!telling_) return untold_.push_back(revocation);
  }
  learned_(revocation);
}

void RevocationFeed::tell() {
  std::vector<store::Revocation> untold;
  {
    const std::lock_guard lock(mutex_);
    telling_ = true;
    untold.swap(untold_);
  }
  for (const store::Revocation& revocation : untold) learned_(revocation);
}

bool RevocationFeed::add(const store::Revocation& revocation) {
  const auto added = revocations_.add(revocation.user, revocation.revoked_at);
  std::int64_t suppressed = 0;
  if (added == auth::Revocations::Added::full && full_gate_.pass(suppressed)) {
    log_.error(
        "a user's revoked tokens are not refused here: too many revocations; delete old rows of ActivityRevocation",
        {{"users", revocations_.users()}, {"suppressed", suppressed}});
  }
  return added == auth::Revocations::Added::news;
}

}  // namespace nx::app
