#pragma once
// Work on a database that may take minutes: it is done in slices. The caller is told of each slice and may end the
// work there.

#include <cstdint>
#include <functional>
#include <string_view>

namespace nx::store {

/// The progress of the work so far, reported between two slices.
struct Slice {
  std::int64_t done = 0;         // users or steps since the work began
  double share = 0;              // done part of the whole, 0 to 1, an estimate
  std::int64_t position = 0;     // LongWork::after of work that continues here
  std::string_view waits_for{};  // a literal: why this slice is tried again; empty: it is not
};

struct LongWork {
  std::int64_t after = 0;  // the position where earlier work ended
  /// Called between two slices, by the working thread. False: the work ends here, and completed slices are kept.
  std::function<bool(const Slice&)> on_slice{};

  bool goes_on(const Slice& slice) const { return !on_slice || on_slice(slice); }
};

/// The share of the positions from `after` to `last` that is done when the work has come to `position`.
inline double share_of_positions(std::int64_t after, std::int64_t last, std::int64_t position) {
  if (last <= after || position >= last) return 1;
  return static_cast<double>(position - after) / static_cast<double>(last - after);
}

}  // namespace nx::store
