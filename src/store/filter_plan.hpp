#pragma once
// Where the rows that a filter wants are found: along which index, between which ends, and what remains to be asked of
// each row. No I/O.

#include <optional>
#include <vector>

#include "store/filter.hpp"

namespace nx::store {

struct FilterPlan {
  enum class Source { inbox, unread, archive, everything, by_id };
  Source source = Source::inbox;
  std::vector<NotificationId> ids;           // of by_id
  std::optional<std::int64_t> above, below;  // exclusive ends of seq
  std::optional<EpochMs> since, until;       // inclusive ends of created_at; asked again of each row
  Where rest;                                // what the source does not say already

  enum class Order { newest_first, oldest_first, sorted };
  Order order = Order::newest_first;

  /// Whether every row between the ends is wanted: its number is known, or a count along an index.
  bool whole() const { return rest.empty(); }
};

FilterPlan plan_of(const FilterRequest& request);

/// Whether answering may mean looking at many rows that are not shown.
bool is_costly(const FilterRequest& request);

}  // namespace nx::store
