#include "app/migrate_command.hpp"

#include <iostream>

#include "app/sqlite_location.hpp"
#include "store/sqlite_store.hpp"

namespace nx::app {

int run_migrate(const Configuration& configuration) {
  const auto path = sqlite_path(configuration.database_url);
  if (!path) {
    std::cerr << "nx-signal migrate: " << path.error().message << "\n";
    return 2;
  }
  const auto did = store::migrate_sqlite({.path = *path, .membership_variants = configuration.membership_variants});
  if (!did) {
    std::cerr << "nx-signal migrate: " << did.error().message << "\n";
    return 1;
  }
  std::cout << *did << "\n";
  return 0;
}

}  // namespace nx::app
