#include <iostream>

#include "app/commands.hpp"
#include "store/database.hpp"

namespace nx::app {
namespace {

int failed(const Error& error, int exit_code) {
  std::cerr << "nx-signal migrate: " << error.message << "\n";
  return exit_code;
}

}  // namespace

int run_migrate(const config::Configuration& configuration, Counters counters, Epoch epoch) {
  const auto database = store::Database::of(config::database_options(configuration));
  if (!database) return failed(database.error(), 2);
  const auto did = database->migrate();
  if (!did) return failed(did.error(), 1);
  std::cout << *did << "\n";
  if (epoch == Epoch::renewed) {
    const auto renewed = database->renew_epoch();
    if (!renewed) return failed(renewed.error(), 1);
    std::cout << "new epoch: " << *renewed << "\n";
  }
  if (counters == Counters::kept) return 0;

  const auto maintenance = database->maintenance();
  if (!maintenance) return failed(maintenance.error(), 1);
  const auto repaired = (*maintenance)->recount();
  if (!repaired) return failed(repaired.error(), 1);
  std::cout << "recounted: " << *repaired << (*repaired == 1 ? " user was wrong\n" : " users were wrong\n");
  return 0;
}

}  // namespace nx::app
