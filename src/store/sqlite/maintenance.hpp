#pragma once
// Retention, old keys, and the comparison of counters with a recount, in slices: the writer's lock is released between
// them.

#include <memory>

#include "store/maintenance.hpp"
#include "store/sqlite/connection.hpp"

namespace nx::store::sqlite {

std::unique_ptr<Maintenance> make_maintenance(std::unique_ptr<Connection> db);

}  // namespace nx::store::sqlite
