#include <iostream>

#include "app/commands.hpp"
#include "app/stoppable_work.hpp"
#include "store/database.hpp"

namespace nx::app {
namespace {

int failed(const std::string& message, int exit_code) {
  std::cerr << "nx-signal migrate: " << message << "\n";
  return exit_code;
}

struct Stop {
  bool before_end = false;  // of the tables' changes
  bool requested = false;   // perhaps too late to stop them
};

Result<std::string> change_tables(const store::Database& database, Stop& stop) {
  StoppableWork work("tables", "steps");
  auto did = database.migrate(work.slices());
  stop = {.before_end = work.stopped(), .requested = work.stop_requested()};
  return did;
}

/// Empty if the work did not come further than `after`, where it began.
std::string continuation(std::int64_t after, std::int64_t position) {
  if (position == after) return {};
  return "; continue with `nx-signal migrate --recount --continue-at " + std::to_string(position) + "`";
}

int recount(const store::Database& database, std::int64_t after) {
  const auto maintenance = database.maintenance();
  if (!maintenance) return failed(maintenance.error().message, 1);
  bool stopped = false;
  std::int64_t position = after;
  const auto repaired = [&] {
    StoppableWork work("counters", "users", after);
    auto result = (*maintenance)->recount(work.slices());
    stopped = work.stopped();
    position = work.position();
    return result;
  }();
  if (!repaired) return failed(repaired.error().message + continuation(after, position), 1);
  std::cout << "recounted: " << *repaired << (*repaired == 1 ? " user was wrong" : " users were wrong")
            << (stopped ? " so far\n" : "\n");
  return stopped ? failed("stopped before the end" + continuation(after, position), kStopped) : 0;
}

}  // namespace

int run_migrate(const config::Configuration& configuration, const MigrateFlags& flags) {
  const auto database = store::Database::of(config::database_options(configuration));
  if (!database) return failed(database.error().message, 2);
  Stop stop;
  const auto did = change_tables(*database, stop);
  if (stop.before_end) return failed("stopped before the end; run `nx-signal migrate` again to continue", kStopped);
  if (!did) return failed(did.error().message, 1);
  std::cout << *did << std::endl;
  if (stop.requested && (flags.new_epoch || flags.recount)) {
    return failed("stopped after the tables, before --new-epoch or --recount; run the same command again", kStopped);
  }
  if (flags.new_epoch) {
    const auto renewed = database->renew_epoch();
    if (!renewed) return failed(renewed.error().message, 1);
    std::cout << "new epoch: " << *renewed << std::endl;
  }
  return flags.recount ? recount(*database, flags.continue_at) : 0;
}

}  // namespace nx::app
