#pragma once
// Reads of the policy table, in the column's own types.

#include <memory>

#include "store/policy_definition_repository.hpp"
#include "store/postgres/connection.hpp"

namespace nx::store::postgres {

/// Reads the columns once; a table that does not exist, or cannot be read, is an error that names it. The connection
/// may be shared with other repositories of its thread.
Result<std::unique_ptr<PolicyDefinitionRepository>> open_policies(std::shared_ptr<Connection> db,
                                                                  const PostgresOptions& options);

/// One sentence for each defect.
Result<std::vector<std::string>> audit_policies(Connection& db, const PostgresOptions& options);

}  // namespace nx::store::postgres
