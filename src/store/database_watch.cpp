#include "store/database_watch.hpp"

namespace nx::store {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kEvery{1'000};

}  // namespace

DatabaseWatch::DatabaseWatch(Repositories repositories, std::function<void(ActivityNotificationRepository&)> also,
                             const observe::Logger& log)
    : repositories_(std::move(repositories)),
      also_(std::move(also)),
      log_(log),
      thread_("database-watch", [this] { return look(); }) {}

std::chrono::milliseconds DatabaseWatch::look() {
  // No user has an empty id: an index look-up that finds nothing.
  const auto answer = repositories_.notifications->unread_count({""});
  if (answer) {
    also_(*repositories_.notifications);
    if (!reachable_.exchange(true)) {
      log_.info("database available again",
                {{"away_s", std::chrono::duration<double>(Clock::now() - lost_at_).count()}});
    }
  } else if (reachable_.exchange(false)) {
    lost_at_ = Clock::now();
    log_.error("database unavailable", {{"reason", answer.error().message}});
  }
  return kEvery;
}

}  // namespace nx::store
