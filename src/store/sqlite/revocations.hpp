#pragma once
// Revoked tokens (docs/data-model.md).

#include <vector>

#include "store/activity_notification_repository.hpp"
#include "store/sqlite/connection.hpp"

namespace nx::store::sqlite {

Result<EpochMs> revoke(Connection& db, const UserId& user, const UserId& by);
Result<std::vector<Revocation>> read_revocations(Connection& db, const Revocation& after, std::size_t limit);

}  // namespace nx::store::sqlite
