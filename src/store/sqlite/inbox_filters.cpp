#include "store/sqlite/inbox_filters.hpp"

#include <limits>

#include "store/filter_totals.hpp"
#include "store/sqlite/filter_dialect.hpp"
#include "store/sqlite/rows.hpp"

namespace nx::store::sqlite {
namespace {

Result<std::int64_t> count_rows_of(Connection& db, const Inbox& inbox, FilterPlan plan, std::int64_t at_most) {
  plan.order = FilterPlan::Order::newest_first;
  const FilterStatement statement = count_statement(SqliteDialect(), plan, at_most, {inbox.user_no});
  auto query = db.query_once(statement.sql, values_of(statement.values));
  const auto row = query.next();
  if (!row) return error_of(row);
  return query.integer(0);
}

/// Reads the rows of the page. Returns the statement's count; nullopt when there was no row or `counts` is false.
Result<std::optional<std::int64_t>> read_rows(Connection& db, const Inbox& inbox, const FilterRequest& request,
                                              const FilterPlan& plan, bool counts, Page& page) {
  const FilterStatement statement = page_statement(SqliteDialect(), request, plan, counts, {inbox.user_no});
  auto query = db.query_once(statement.sql, values_of(statement.values));
  std::optional<std::int64_t> counted;
  for (;;) {
    const auto row = query.next();
    if (!row) return error_of(row);
    if (!*row) return counted;
    if (counts) counted = query.integer(kEntryColumnCount);
    if (page.rows.size() == request.page.limit) {
      page.more = true;
      return counted;
    }
    auto read = read_inbox_row(query);
    if (!read) return error_of(read);
    page.rows.push_back(*std::move(read));
  }
}

Result<Page> read_in_snapshot(Connection& db, const FilterRequest& request) {
  const auto inbox = read_inbox(db, request.page.user);
  if (!inbox) return error_of(inbox);
  const FilterPlan plan = plan_of(request);
  const bool counts = request.with_total && !plan.kept;
  Page page;
  page.epoch = inbox->epoch;
  const auto counted = read_rows(db, *inbox, request, plan, counts, page);
  if (!counted) return error_of(counted);
  if (!request.with_total) return page;
  if (!counts) {
    page.total = kept_total(plan, *inbox);
  } else if (*counted) {
    page.total = known_total(**counted);
  } else if (request.page.skip == 0) {
    page.total = 0;
  } else {
    const auto all = count_rows_of(db, *inbox, plan, kTotalLimit + 1);
    if (!all) return error_of(all);
    page.total = known_total(*all);
  }
  return page;
}

}  // namespace

Result<Page> read_filtered(Connection& db, const FilterRequest& request) {
  return db.transaction(Access::read, [&] { return read_in_snapshot(db, request); });
}

Result<std::int64_t> count_filtered(Connection& db, const FilterRequest& request) {
  return db.transaction(Access::read, [&]() -> Result<std::int64_t> {
    const auto inbox = read_inbox(db, request.page.user);
    if (!inbox) return error_of(inbox);
    FilterPlan plan = plan_of(request);
    if (const auto kept = kept_total(plan, *inbox)) return *kept;
    return count_rows_of(db, *inbox, std::move(plan), std::numeric_limits<std::int64_t>::max());
  });
}

}  // namespace nx::store::sqlite
