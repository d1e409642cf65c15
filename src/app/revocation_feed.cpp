#include "app/revocation_feed.hpp"

#include <algorithm>

namespace nx::app {
namespace {

constexpr std::size_t kAtOnce = 10'000;
// A row that is committed late has an earlier time than others that were read; statements take seconds.
constexpr std::int64_t kLateMs = 60'000;

}  // namespace

Result<void> RevocationFeed::read(store::ActivityNotificationRepository& repository) {
  store::Revocation after{.user = {}, .revoked_at = {newest_.value - kLateMs}};
  for (;;) {
    const auto page = repository.revocations(after, kAtOnce);
    if (!page) return tl::unexpected<Error>(page.error());
    for (const store::Revocation& revocation : *page) {
      if (add(revocation)) learned_(revocation);
    }
    if (!page->empty()) after = page->back();
    newest_ = std::max(newest_, after.revoked_at);
    if (page->size() < kAtOnce) return {};
  }
}

bool RevocationFeed::add(const store::Revocation& revocation) {
  const auto added = revocations_.add(revocation.user, revocation.revoked_at);
  std::int64_t suppressed = 0;
  if (added == auth::Revocations::Added::full && full_gate_.pass(suppressed)) {
    log_.error(
        "a user's tokens are not refused here: too many were taken back; delete old rows of ActivityRevocation "
        "and restart",
        {{"users", revocations_.users()}, {"suppressed", suppressed}});
  }
  return added == auth::Revocations::Added::news;
}

}  // namespace nx::app
