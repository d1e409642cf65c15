// A query of a list, as it comes from outside, up to the statements that it becomes. Nothing of it reaches their text.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "rest/filter_reader.hpp"
#include "store/filter_plan.hpp"
#include "store/filter_sql.hpp"
#include "store/postgres/filter_dialect.hpp"
#include "store/sqlite/filter_dialect.hpp"

namespace {

/// Printable ASCII, and as many parameters as values.
void check(const nx::store::FilterStatement& statement, char mark) {
  std::size_t highest = 0;
  for (std::size_t i = 0; i < statement.sql.size(); ++i) {
    const char c = statement.sql[i];
    if ((c < ' ' && c != '\n') || c > '~') std::abort();
    if (c != mark) continue;
    const std::size_t number = std::strtoul(statement.sql.c_str() + i + 1, nullptr, 10);
    if (number > highest) highest = number;
  }
  if (highest > statement.values.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nx;
  const auto query = rest::QueryParameters::parse({reinterpret_cast<const char*>(data), size});
  if (!query) return 0;
  const auto filter = rest::read_filter(*query);
  if (!filter) {
    if (filter.error().status != 400 && filter.error().status != 422) std::abort();
    return 0;
  }
  if (filter->limit > 100 || filter->skip > 10'000 || filter->fields.empty()) std::abort();
  store::FilterRequest request;
  request.page.limit = filter->limit;
  request.page.skip = filter->skip;
  request.where = filter->where;
  request.order = filter->order;
  const store::FilterPlan plan = store::plan_of(request);
  static const store::postgres::FilterParts kParts("signal");
  const store::postgres::PostgresDialect postgres(kParts);
  const store::sqlite::SqliteDialect sqlite;
  for (const bool total : {true, false}) {
    check(store::page_statement(postgres, request, plan, total, {std::string{"u1"}}), '$');
    check(store::page_statement(sqlite, request, plan, total, {std::int64_t{1}}), '?');
  }
  const auto values = store::page_statement(sqlite, request, plan, true, {std::int64_t{1}}).values;
  if (store::sqlite::values_of(values).size() != values.size()) std::abort();
  if (store::postgres::parameters_of(values).size() != values.size()) std::abort();
  return 0;
}
