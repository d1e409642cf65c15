#pragma once
// How many rows match a filter, where the inbox keeps that number already.

#include <optional>

#include "store/filter_plan.hpp"
#include "store/filter_sql.hpp"
#include "store/inbox_row.hpp"

namespace nx::store {

inline constexpr int kEntryColumnCount = 17;  // of a page's rows; the total stands behind them

inline bool kept_total(const FilterPlan& plan) {
  return plan.whole() && !plan.above && !plan.below &&
         (plan.source == FilterPlan::Source::inbox || plan.source == FilterPlan::Source::unread);
}

inline std::optional<std::int64_t> kept_total(const FilterPlan& plan, const Inbox& inbox) {
  if (!kept_total(plan)) return std::nullopt;
  return plan.source == FilterPlan::Source::inbox ? inbox.live : inbox.unread;
}

/// Unknown beyond kTotalLimit.
inline std::optional<std::int64_t> known_total(std::int64_t counted) {
  return counted > kTotalLimit ? std::optional<std::int64_t>{} : counted;
}

}  // namespace nx::store
