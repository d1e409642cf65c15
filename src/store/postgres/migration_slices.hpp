#pragma once
// Tells the observer of a migration which of its steps begins, and that a step is tried again.

#include <string_view>

#include "model/result.hpp"
#include "store/long_work.hpp"

namespace nx::store::postgres {

class MigrationSlices {
 public:
  /// `work` is borrowed.
  MigrationSlices(const LongWork& work, std::int64_t steps) : work_(work), steps_(steps) {}

  /// The next step begins. An error: the migration is to end here.
  Result<void> begin() {
    ++begun_;
    return tell({});
  }

  /// A table that the current step changes is in use, so the step will be tried again.
  Result<void> wait_for_table() { return tell("a table is in use"); }

 private:
  Result<void> tell(std::string_view waits_for) {
    const std::int64_t done = begun_ - 1;
    const double share = static_cast<double>(done) / static_cast<double>(steps_);
    if (work_.goes_on({.done = done, .share = share, .waits_for = waits_for})) return {};
    return fail(ErrorKind::unavailable, "stopped before the end");
  }

  const LongWork& work_;
  std::int64_t steps_;
  std::int64_t begun_ = 0;
};

}  // namespace nx::store::postgres
