#pragma once
// The number of rows that match a filter, if a counter of the inbox already holds it.

#include <optional>

#include "store/filter_plan.hpp"
#include "store/filter_sql.hpp"
#include "store/recipient_row.hpp"

namespace nx::store {

inline constexpr int kEntryColumnCount = 17;  // columns of a page's row; the total is the next column

inline std::optional<std::int64_t> kept_total(const FilterPlan& plan, const Inbox& inbox) {
  if (!plan.kept) return std::nullopt;
  return *plan.kept == FilterPlan::Source::inbox ? inbox.live : inbox.unread;
}

/// nullopt beyond kTotalLimit.
inline std::optional<std::int64_t> known_total(std::int64_t counted) {
  return counted > kTotalLimit ? std::optional<std::int64_t>{} : counted;
}

}  // namespace nx::store
