#pragma once
// Filtered lists and counts, each in one snapshot.

#include "store/filter.hpp"
#include "store/sqlite/connection.hpp"

namespace nx::store::sqlite {

Result<Page> read_filtered(Connection& db, const FilterRequest& request);
Result<std::int64_t> count_filtered(Connection& db, const FilterRequest& request);

}  // namespace nx::store::sqlite
