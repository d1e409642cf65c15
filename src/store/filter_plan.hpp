#pragma once
// Where the rows that a filter wants are found: along which index, between which ends, and what remains to be asked of
// each row. No I/O.

#include <optional>
#include <vector>

#include "store/filter.hpp"

namespace nx::store {

struct FilterPlan {
  enum class Source { inbox, unread, archive, everything, by_id, by_time };
  Source source = Source::inbox;
  std::vector<NotificationId> ids;           // of by_id
  std::optional<std::int64_t> above, below;  // exclusive ends of seq
  std::optional<EpochMs> since, until;       // inclusive ends of created_at; asked again of each row
  Where rest;                                // what the source does not say already

  /// By time is by id, which begins with the time at which the row was created; rows of one millisecond are sorted.
  enum class Order { newest_first, oldest_first, sorted, latest_first, earliest_first };
  Order order = Order::newest_first;
  bool by_time() const { return order == Order::latest_first || order == Order::earliest_first; }

  /// Whether every row between the ends is wanted.
  bool whole() const { return rest.empty(); }
  /// Of inbox or unread, where the user's counters say how many rows there are.
  std::optional<Source> kept{};
};

FilterPlan plan_of(const FilterRequest& request);

/// Whether answering may mean looking at many rows that are not shown.
bool is_costly(const FilterRequest& request);

}  // namespace nx::store
