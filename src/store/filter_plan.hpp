#pragma once
// The access path for a filter: which index, between which ends, and which conditions remain for each row. No I/O.

#include <optional>
#include <vector>

#include "store/filter.hpp"

namespace nx::store {

struct FilterPlan {
  enum class Source { inbox, unread, archive, everything, by_id, by_time };
  Source source = Source::inbox;
  std::vector<NotificationId> ids;           // for by_id
  std::optional<std::int64_t> above, below;  // exclusive ends of seq
  std::optional<EpochMs> since, until;       // inclusive ends of created_at; also a condition on each row
  Where rest;                                // the conditions that the source does not imply

  /// The order by time is the order by id, which begins with the creation time; rows of the same millisecond are
  /// sorted.
  enum class Order { newest_first, oldest_first, sorted, latest_first, earliest_first };
  Order order = Order::newest_first;
  bool by_time() const { return order == Order::latest_first || order == Order::earliest_first; }

  /// Whether every row between the ends matches.
  bool whole() const { return rest.empty(); }
  /// inbox or unread, if the user's counters hold the number of rows.
  std::optional<Source> kept{};
};

FilterPlan plan_of(const FilterRequest& request);

/// Whether the query may have to look at many rows that do not match.
bool is_costly(const FilterRequest& request);

}  // namespace nx::store
