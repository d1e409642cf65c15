#pragma once
// Filtered lists and counts, each in one snapshot.

#include "store/filter.hpp"
#include "store/postgres/connection.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store::postgres {

Result<Page> read_filtered(Connection& db, const Statements& sql, const FilterRequest& request);
Result<std::int64_t> count_filtered(Connection& db, const Statements& sql, const FilterRequest& request);

}  // namespace nx::store::postgres
