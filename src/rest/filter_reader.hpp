#pragma once
// Reads a filter: `filter={where,fields,order,limit,skip}` as JSON, or the same as separate parameters.

#include <optional>
#include <string>
#include <vector>

#include "model/notification_field.hpp"
#include "rest/query_parameters.hpp"
#include "rest/replies.hpp"
#include "store/filter.hpp"

namespace nx::rest {

inline constexpr std::size_t kMostFilterBytes = 4'096;
inline constexpr std::int64_t kMostSkipped = 10'000;

struct Filter {
  store::Where where{};
  std::string where_text;  // compact; empty when it excludes no row
  std::vector<store::OrderTerm> order{};
  NotificationFields fields = NotificationFields::all();
  std::string fields_text;  // field names, comma-separated; empty for all
  std::size_t limit = 10, skip = 0;

  /// Whether the order is the one in which cursors continue.
  bool in_default_order() const {
    return order.empty() || (order.front().subject.field == NotificationField::seq && order.front().descending);
  }
};

enum class WhereUse { read, checked_only };  // for {id}, the syntax of `where` is checked and its meaning ignored

/// 400 for text that cannot be read and for unknown names; 422, naming the field, for a wrong shape and for a value
/// beyond a limit.
Input<Filter> read_filter(const QueryParameters& query, WhereUse use = WhereUse::read);

/// The `where` of a count; it must be given.
Input<store::Where> read_count_where(const QueryParameters& query);

}  // namespace nx::rest
