#include "store/postgres/inbox_months.hpp"

#include <algorithm>

namespace nx::store::postgres {
namespace {

void widen(Window& window, Month month) {
  window.first = std::min(window.first.value_or(month), month);
  window.last = std::max(window.last.value_or(month), month);
}

std::optional<Window> newest_of(const MonthMap& map, Stretch asked, std::int64_t rows) {
  Window window{.rows = {asked.before, asked.before}, .first = {}, .last = {}, .whole = false};
  std::int64_t end = asked.before;  // the end of the next run
  for (const MonthRun& run : map.newest_first) {
    const std::int64_t begin = std::max(run.first_seq, asked.after + 1);
    if (begin < end) {
      widen(window, run.month);
      rows -= end - begin;
      window.rows.after = begin - 1;
      end = begin;
    }
    window.whole = run.first_seq <= asked.after + 1;
    if (window.whole || rows <= 0) return window;
  }
  if (!map.complete) return std::nullopt;
  window.whole = true;
  return window;
}

std::optional<Window> oldest_of(const MonthMap& map, Stretch asked, std::int64_t rows) {
  const auto& runs = map.newest_first;
  const bool reaches = map.complete || (!runs.empty() && runs.back().first_seq <= asked.after + 1);
  if (!reaches) return std::nullopt;
  Window window{.rows = {asked.after, asked.after + 1}, .first = {}, .last = {}, .whole = false};
  for (std::size_t i = runs.size(); i-- > 0;) {
    const std::int64_t begin = std::max(runs[i].first_seq, asked.after + 1);
    const std::int64_t end = std::min(i == 0 ? asked.before : runs[i - 1].first_seq, asked.before);
    if (begin >= end) continue;
    widen(window, runs[i].month);
    rows -= end - begin;
    window.rows.before = end;
    if (end == asked.before) break;
    if (rows <= 0) return window;
  }
  window.whole = true;
  return window;
}

}  // namespace

std::optional<Window> window_of(const MonthMap& map, PageOrder order, Stretch asked, std::int64_t rows) {
  asked.after = std::clamp<std::int64_t>(asked.after, 0, map.last_seq);
  asked.before = std::min(asked.before, map.last_seq + 1);
  if (asked.after + 1 >= asked.before) {
    return Window{.rows = {asked.after, asked.after}, .first = {}, .last = {}, .whole = true};
  }
  return order == PageOrder::newest_first ? newest_of(map, asked, rows) : oldest_of(map, asked, rows);
}

}  // namespace nx::store::postgres
