#pragma once
// Reads of the policy table. Ids may be text or integer columns; they are compared as text, through the column's own
// index.

#include <memory>

#include "store/policy_definition_repository.hpp"
#include "store/sqlite/connection.hpp"
#include "store/sqlite_store.hpp"

namespace nx::store::sqlite {

/// Reads the columns once; a missing table is an error that names it.
Result<std::unique_ptr<PolicyDefinitionRepository>> open_policies(std::unique_ptr<Connection> db,
                                                                  const SqliteOptions& options);

Result<void> replace_policies(Connection& db, const SqliteOptions& options, const std::vector<PolicyRow>& rows);

}  // namespace nx::store::sqlite
