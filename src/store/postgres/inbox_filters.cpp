#include "store/postgres/inbox_filters.hpp"

#include <limits>

#include "store/filter_totals.hpp"
#include "store/postgres/filter_dialect.hpp"
#include "store/postgres/inbox_rows.hpp"

namespace nx::store::postgres {
namespace {

// Planned with the values of the query, so that months which cannot hold a row are left out. Each statement is written
// for one query, so a cached plan would be useless. The switches that force plans along an index stay set.
constexpr std::string_view kPlannedOnce =
    "SELECT set_config('plan_cache_mode', 'force_custom_plan', true), "
    "set_config('max_parallel_workers_per_gather', '0', true)";

Step step_of(const FilterStatement& statement) {
  return {statement.sql, parameters_of(statement.values), Keep::never};
}

std::vector<SqlValue> first_values(const FilterRequest& request) {
  return {request.page.user.value};
}

Result<std::int64_t> count_rows_of(Connection& db, const Statements& sql, const FilterRequest& request, FilterPlan plan,
                                   std::int64_t at_most) {
  const PostgresDialect dialect(sql.filter);
  plan.order = FilterPlan::Order::newest_first;
  const FilterStatement statement = count_statement(dialect, plan, at_most, first_values(request));
  return db.read({{kPlannedOnce, {}}, step_of(statement)}).map([](const std::vector<Rows>& answer) {
    return answer[1].integer(0, 0);
  });
}

}  // namespace

Result<Page> read_filtered(Connection& db, const Statements& sql, const FilterRequest& request) {
  const FilterPlan plan = plan_of(request);
  const PostgresDialect dialect(sql.filter);
  const bool counts = request.with_total && !plan.kept;
  const FilterStatement statement = page_statement(dialect, request, plan, counts, first_values(request));
  auto answer = db.read({{kPlannedOnce, {}}, {sql.inbox, Parameters(request.page.user.value)}, step_of(statement)});
  if (!answer) return error_of(answer);
  const Inbox inbox = counters_of((*answer)[1]);
  const Rows& rows = (*answer)[2];
  Page page;
  page.epoch = inbox.epoch;
  page.more = static_cast<std::size_t>(rows.size()) > request.page.limit;
  const int shown = page.more ? static_cast<int>(request.page.limit) : rows.size();
  auto inbox_rows = inbox_rows_of(rows, shown);
  if (!inbox_rows) return error_of(inbox_rows);
  page.rows = *std::move(inbox_rows);
  if (!request.with_total) return page;
  if (!counts) {
    page.total = kept_total(plan, inbox);
  } else if (!rows.empty()) {
    page.total = known_total(rows.integer(0, kEntryColumnCount));
  } else if (request.page.skip == 0) {
    page.total = 0;
  } else {
    const auto counted = count_rows_of(db, sql, request, plan, kTotalLimit + 1);
    if (!counted) return error_of(counted);
    page.total = known_total(*counted);
  }
  return page;
}

Result<std::int64_t> count_filtered(Connection& db, const Statements& sql, const FilterRequest& request) {
  FilterPlan plan = plan_of(request);
  if (!plan.kept) return count_rows_of(db, sql, request, std::move(plan), std::numeric_limits<std::int64_t>::max());
  return db.read({{sql.inbox, Parameters(request.page.user.value)}}).map([&plan](const std::vector<Rows>& answer) {
    return *kept_total(plan, counters_of(answer[0]));
  });
}

}  // namespace nx::store::postgres
