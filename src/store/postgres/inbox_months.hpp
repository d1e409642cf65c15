#pragma once
// Which months a user's rows lie in, and which of them a page has to look into (docs/data-model.md#months-of-an-inbox).
// No I/O.

#include <cstdint>
#include <optional>
#include <span>

#include "store/postgres/partitions.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store::postgres {

/// From `first_seq` on, up to before the next run, a user's rows lie in one month.
struct MonthRun {
  std::int64_t first_seq = 0;
  Month month;
};

/// What is known of a user's rows.
struct MonthMap {
  std::span<const MonthRun> newest_first;
  bool complete = true;  // false: there are older runs
  std::int64_t last_seq = 0;
};

/// Rows between two seqs, both left out.
struct Stretch {
  std::int64_t after = 0, before = 0;
};

/// A part of what was asked for, from its beginning in the order asked for.
struct Window {
  Stretch rows;
  std::optional<Month> first, last;  // none: there is no row
  bool whole = false;                // it is all of it
};

/// Of `asked` as much as may hold `rows` rows, or all of it. None where the map does not reach.
std::optional<Window> window_of(const MonthMap& map, PageOrder order, Stretch asked, std::int64_t rows);

}  // namespace nx::store::postgres
