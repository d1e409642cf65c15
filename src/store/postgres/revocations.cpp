#include "store/postgres/revocations.hpp"

namespace nx::store::postgres {

Result<EpochMs> revoke(Connection& db, const Statements& sql, const UserId& user, const UserId& by) {
  return db.write([&]() -> Result<EpochMs> {
    auto revoked = db.finish({{sql.revoke, Parameters(user.value, by.value)}});
    if (!revoked) return error_of(revoked);
    return revoked->front().time(0, 0);
  });
}

Result<std::vector<Revocation>> read_revocations(Connection& db, const Statements& sql, const Revocation& after,
                                                 std::size_t limit) {
  const auto read = db.read({{sql.revocations, Parameters(after.revoked_at, after.user.value, limit)}});
  if (!read) return error_of(read);
  std::vector<Revocation> revocations;
  const Rows& rows = read->front();
  for (int row = 0; row < rows.size(); ++row) revocations.push_back({{rows.text(row, 0)}, rows.time(row, 1)});
  return revocations;
}

}  // namespace nx::store::postgres
