#pragma once
// Random rows and random filters over them, the same for the same seed. Values are few, so that filters find something.

#include <random>
#include <string>
#include <vector>

#include "model/notification.hpp"
#include "store/activity_notification_repository.hpp"

namespace nx::rest {

class RandomFilters {
 public:
  explicit RandomFilters(std::uint64_t seed) : random_(seed) {}

  /// A notification for u1, `place` being unique.
  store::NewNotification notification(int place);
  /// What happens to the rows that are there: reads, archives, marks. Nothing moves a `seq`.
  void change(store::ActivityNotificationRepository& store, const std::vector<NotificationId>& ids);

  /// Ids and times of filters are those of some row, or lie beside it.
  std::string filter(const std::vector<InboxRow>& rows);

  std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_); }
  bool chance(int percent) { return below(100) < static_cast<std::size_t>(percent); }

 private:
  std::string where(const std::vector<InboxRow>& rows, int depth);
  std::string member(const std::vector<InboxRow>& rows);
  std::string operators(const std::string& field, const std::vector<InboxRow>& rows);
  std::string value(const std::string& field, const std::vector<InboxRow>& rows);
  std::string list(const std::string& field, const std::vector<InboxRow>& rows);
  std::string order();
  std::string data(int place);
  std::string field();

  std::mt19937_64 random_;
};

}  // namespace nx::rest
