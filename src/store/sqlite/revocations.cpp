#include "store/sqlite/revocations.hpp"

namespace nx::store::sqlite {

Result<EpochMs> revoke(Connection& db, const UserId& user, const UserId& by) {
  return db.transaction(Access::write, [&]() -> Result<EpochMs> {
    auto query = db.query(
        R"(INSERT INTO "ActivityRevocation" (user_id, revoked_at, revoked_by) VALUES (?1, ?2, ?3)
           ON CONFLICT (user_id) DO UPDATE SET revoked_at = max(revoked_at, excluded.revoked_at), revoked_by = excluded.revoked_by
           RETURNING revoked_at)",
        user.value, now_wall(), by.value);
    const auto row = query.next();
    if (!row) return error_of(row);
    const EpochMs revoked_at{query.integer(0)};
    if (auto done = query.run(); !done) return error_of(done);
    return revoked_at;
  });
}

Result<std::vector<Revocation>> read_revocations(Connection& db, const Revocation& after, std::size_t limit) {
  auto query = db.query(
      R"(SELECT user_id, revoked_at FROM "ActivityRevocation" INDEXED BY "ActivityRevocationTime"
         WHERE (revoked_at, user_id) > (?1, ?2) ORDER BY revoked_at, user_id LIMIT ?3)",
      after.revoked_at, after.user.value, static_cast<std::int64_t>(limit));
  return query.rows<Revocation>([](const Query& row) { return Revocation{{row.text(0)}, {row.integer(1)}}; });
}

}  // namespace nx::store::sqlite
