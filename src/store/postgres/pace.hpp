#pragma once
// The size of one statement of a large batch: a number of rows, inboxes or bytes. Used by one thread.

#include <algorithm>
#include <cstddef>

namespace nx::store::postgres {

/// Halved after a statement time-out, so that a slow server stores a large batch in smaller statements instead
/// of timing out for ever. Doubled again after a series of batches without a time-out.
class Pace {
 public:
  std::size_t of(std::size_t most) const { return std::max<std::size_t>(most >> halvings_, 1); }
  void out_of_time() {
    halvings_ = std::min(halvings_ + 1, kMostHalvings);
    in_time_ = 0;
  }
  void in_time() {
    if (halvings_ == 0 || ++in_time_ < kBatchesBeforeDoubling) return;
    --halvings_;
    in_time_ = 0;
  }

 private:
  static constexpr int kMostHalvings = 6;            // 20,000 rows become 312; slower than 312 in 5 s: unavailable
  static constexpr int kBatchesBeforeDoubling = 32;  // batches in time; doubling too early costs a time-out of 5 s

  int halvings_ = 0;
  int in_time_ = 0;  // batches since the last change
};

}  // namespace nx::store::postgres
