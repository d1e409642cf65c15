#pragma once
// Revoked tokens (docs/data-model.md).

#include <vector>

#include "store/activity_notification_repository.hpp"
#include "store/postgres/connection.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store::postgres {

Result<EpochMs> revoke(Connection& db, const Statements& sql, const UserId& user, const UserId& by);
Result<std::vector<Revocation>> read_revocations(Connection& db, const Statements& sql, const Revocation& after,
                                                 std::size_t limit);

}  // namespace nx::store::postgres
