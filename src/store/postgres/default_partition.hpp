#pragma once
// Tables of version 3 and before have a DEFAULT partition, beside which no month is made or dropped without a lock that
// readers meet (docs/data-model.md#months).

#include <string>

#include "store/postgres/connection.hpp"

namespace nx::store::postgres {

/// Within a transaction: takes the default partition off its table. Its rows, if they are few, go into their months.
/// True when there is none (any more); false when it has too many rows, and stays.
Result<bool> retire_default(Connection& db, const std::string& schema, const char* table);

}  // namespace nx::store::postgres
