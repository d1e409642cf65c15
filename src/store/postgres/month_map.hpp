#pragma once
// Maintains the map of the months of inboxes: adds rows that programs before version 6 wrote, and removes dropped
// months with the read marks below them (docs/data-model.md#months-of-an-inbox).

#include <string>
#include <vector>

#include "store/postgres/maintenance_run.hpp"

namespace nx::store::postgres {

class MonthMapping {
 public:
  explicit MonthMapping(MaintenanceRun& run);

  /// Makes a pass over all inboxes if one is due, and continues where the last run stopped.
  Result<void> run();

 private:
  /// Rows of an inbox that the map does not contain: after `after`, up to `upto`.
  struct Gap {
    std::int64_t user_no = 0, after = 0, upto = 0, last_seq = 0;
  };
  struct Run {
    std::int64_t user_no = 0, first_seq = 0, month = 0;
  };

  Result<bool> is_due();
  /// Handles the next inboxes. False: there are no more.
  Result<bool> slice();
  Result<bool> end_walk();
  Result<void> go_to(std::int64_t user_no);
  Result<std::vector<Gap>> gaps_up_to(std::int64_t user_no);
  Result<void> fill(const std::vector<Gap>& gaps);
  Result<std::vector<Gap>> locked(const std::vector<Gap>& gaps);
  Result<std::vector<Run>> runs_of(const std::vector<Gap>& gaps);
  Result<void> enter(const std::vector<Gap>& gaps, const std::vector<Run>& runs);

  MaintenanceRun& run_;
  Connection& db_;
  std::string state_, move_, end_, gaps_, lock_, runs_, replace_, enter_, update_, forget_months_, forget_marks_;
  std::int64_t through_ = 0;       // inboxes up to this number are done
  std::int64_t last_user_ = 0;     // the newest inbox
  std::int64_t trying_ = 0;        // the first inbox with a gap; skipped if a slice of this inbox alone fails
  std::int64_t ended_before_ = 0;  // months before this one were removed from the map by an earlier pass
  std::int64_t oldest_ = 0;        // the oldest month that has a partition
  std::int64_t divisor_ = 1;       // divides the size of a slice: larger after each slice that failed
  bool found_gap_ = false;         // in this pass, including the parts of earlier runs
};

}  // namespace nx::store::postgres
