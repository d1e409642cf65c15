#pragma once
// The months in which a user's rows lie, and the months that a page has to read
// (docs/data-model.md#months-of-an-inbox). No I/O.

#include <cstdint>
#include <optional>
#include <span>

#include "store/postgres/partitions.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store::postgres {

/// From `first_seq` up to the next run, all of the user's rows lie in one month.
struct MonthRun {
  std::int64_t first_seq = 0;
  Month month;
};

/// The known months of a user's rows.
struct MonthMap {
  std::span<const MonthRun> newest_first;
  bool complete = true;  // false: there are older runs
  std::int64_t last_seq = 0;
};

/// Rows between two seqs, both exclusive.
struct Stretch {
  std::int64_t after = 0, before = 0;
};

/// A prefix of the requested stretch, in the requested order.
struct Window {
  Stretch rows;
  std::optional<Month> first, last;  // nullopt: there is no row
  bool whole = false;                // it covers the whole stretch
};

/// The first whole runs of `asked` that have `rows` seqs, or all of it; nullopt where the map does not cover them.
std::optional<Window> window_of(const MonthMap& map, PageOrder order, Stretch asked, std::int64_t rows);

}  // namespace nx::store::postgres
