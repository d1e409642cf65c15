#include "store/sqlite/policies.hpp"

#include <fmt/core.h>

#include "store/membership_join.hpp"
#include "store/policy_domain.hpp"
#include "store/sql_text.hpp"

namespace nx::store::sqlite {
namespace {

/// `column = value` in a form that uses the column's index and is exact: an integer column would treat the text '07'
/// as 7.
std::string same_id(const std::string& column, const std::string& value) {
  return fmt::format("{0} = {1} AND CAST({0} AS TEXT) = {1}", column, value);
}

/// The statements, built once for a table and its variants.
struct Statements {
  std::string direct;     // users joined to (?1 type, ?2 id), one row each, at most ?3
  std::string inherited;  // users joined to it or to a domain it inherits from, likewise
  std::string members;    // the same users, distinct, sorted by text, at most ?3, after ?4 unless that is null
  std::string is_behind;  // one row if user ?3 is one of them and follows ?4
  std::string through;    // the nearest domain through which user ?3 is in (?1, ?2): type, id
  std::string reached;    // the domains that (?1, ?2) inherits from: type, id
  std::string of_user;    // the domains that user ?1 is joined to: type, id
  // The rows that decide whether user ?3 is in (?1, ?2), including deleted ones: variant, subject, target, deleted_at.
  std::string memberships, inheritance;

  Statements(const SqliteOptions& options, bool has_deleted_at) {
    const std::string table = quoted(options.policy_table, '"');
    const std::string alive = has_deleted_at ? " AND p.deleted_at IS NULL" : "";
    std::string variants;
    for (const std::string& variant : options.membership_variants)
      variants += (variants.empty() ? "" : ", ") + quoted(variant, '\'');
    const std::string joined = fmt::format("p.variant IN ({}) AND p.subject_type = 'User'{}", variants, alive);

    direct = fmt::format("SELECT CAST(p.subject_id AS TEXT) FROM {} p WHERE {} AND p.target_type = ?1 AND {} LIMIT ?3",
                         table, joined, same_id("p.target_id", "?2"));
    // UNION ends cycles together with the depth; the depth bounds a long chain.
    const auto domains_by = [&table](const std::string& of_rows) {
      return fmt::format(
          "WITH RECURSIVE domains(type, id, depth) AS (SELECT ?1, ?2, 0 UNION SELECT p.target_type, CAST(p.target_id "
          "AS TEXT), d.depth + 1 FROM domains d CROSS JOIN {} p WHERE p.variant = 'domain_inherits' AND p.subject_type "
          "= d.type AND {}{} AND d.depth < {}) ",
          table, same_id("p.subject_id", "d.id"), of_rows, kMaxInheritance);
    };
    const std::string domains = domains_by(alive);
    const auto joined_to = [&table, &joined](const std::string& of_domains) {
      return fmt::format(
          "FROM (SELECT DISTINCT type, id FROM domains{}) d CROSS JOIN {} p WHERE {} AND p.target_type = d.type AND {}",
          of_domains, table, joined, same_id("p.target_id", "d.id"));
    };
    inherited = fmt::format("{}SELECT CAST(p.subject_id AS TEXT) {} LIMIT ?3", domains, joined_to(""));
    // Compares the text, because a column of another service may have any affinity, or none.
    const std::string only_merchants_inherit = " WHERE depth = 0 OR ?1 = 'Merchant'";
    members = fmt::format(
        "{}SELECT DISTINCT CAST(p.subject_id AS TEXT) AS member {} AND (?4 IS NULL OR CAST(p.subject_id AS TEXT) > ?4) "
        "ORDER BY member LIMIT ?3",
        domains, joined_to(only_merchants_inherit));
    is_behind = fmt::format("{}SELECT 1 {} AND {} AND CAST(p.subject_id AS TEXT) > ?4 LIMIT 1", domains,
                            joined_to(only_merchants_inherit), same_id("p.subject_id", "?3"));
    through = fmt::format(
        "{}SELECT d.type, d.id FROM domains d CROSS JOIN {} p WHERE {} AND {} AND p.target_type = d.type AND {} AND "
        "(d.depth = 0 OR ?1 = 'Merchant') ORDER BY d.depth LIMIT 1",
        domains, table, joined, same_id("p.subject_id", "?3"), same_id("p.target_id", "d.id"));
    reached = domains + "SELECT DISTINCT type, id FROM domains WHERE depth > 0";
    of_user = fmt::format("SELECT p.target_type, CAST(p.target_id AS TEXT) FROM {} p WHERE {} AND {}", table, joined,
                          same_id("p.subject_id", "?1"));
    // A column of another service: milliseconds where dev fills it, otherwise anything that SQLite reads as a date.
    const std::string deleted_at =
        has_deleted_at ? "CASE typeof(p.deleted_at) WHEN 'integer' THEN p.deleted_at WHEN 'null' THEN NULL ELSE "
                         "coalesce(CAST(strftime('%s', p.deleted_at) AS INTEGER) * 1000, 0) END"
                       : "NULL";
    const std::string evidence = fmt::format(
        "{}SELECT p.variant, p.subject_type, CAST(p.subject_id AS TEXT), p.target_type, CAST(p.target_id AS TEXT), {} "
        "FROM (SELECT DISTINCT type, id FROM domains WHERE depth = 0 OR ?1 = 'Merchant') d CROSS JOIN {} p WHERE ",
        domains_by(""), deleted_at, table);
    const std::string at_most = " LIMIT " + std::to_string(kMaxEvidence);
    memberships =
        fmt::format("{}p.variant IN ({}) AND p.subject_type = 'User' AND {} AND p.target_type = d.type AND {}{}",
                    evidence, variants, same_id("p.subject_id", "?3"), same_id("p.target_id", "d.id"), at_most);
    inheritance =
        fmt::format("{}?1 = 'Merchant' AND p.variant = 'domain_inherits' AND p.subject_type = d.type AND {}{}",
                    evidence, same_id("p.subject_id", "d.id"), at_most);
  }
};

class SqlitePolicies final : public PolicyDefinitionRepository {
 public:
  SqlitePolicies(std::unique_ptr<Connection> db, Statements statements)
      : statements_(std::move(statements)), db_(std::move(db)) {}

  Result<std::vector<UserId>> users_of_organizer(const std::string& organizer_id, std::size_t limit) override {
    return users(db_->query(statements_.direct, kOrganizer, organizer_id, limit));
  }

  Result<std::vector<UserId>> users_of_merchant(const std::string& merchant_id, std::size_t limit) override {
    return users(db_->query(statements_.inherited, kMerchant, merchant_id, limit));
  }

  Result<std::vector<UserId>> members_after(const RoomName& room, const std::optional<std::string>& after,
                                            std::size_t limit) override {
    const auto domain = domain_of(room);
    if (!domain) return std::vector<UserId>{};
    return users(db_->query(statements_.members, domain->type, domain->id, limit, after));
  }

  bool members_in_order() const override { return false; }

  Result<bool> is_member_after(const UserId& user, const RoomName& room,
                               const std::optional<std::string>& after) override {
    if (!after) return joined_through(user, room).map([](const auto& domain) { return domain.has_value(); });
    const auto domain = domain_of(room);
    if (!domain) return false;
    return db_->query(statements_.is_behind, domain->type, domain->id, user.value, *after).next();
  }

  Result<std::vector<Membership>> members_among(std::span<const Membership> asked) override {
    MembershipJoin join(asked);
    const auto done = db_->transaction(Access::read, [this, &join]() -> Result<void> {
      for (std::size_t i = 0; i < join.domains().size(); ++i) {
        const Domain& domain = join.domains()[i];
        if (domain.type != kMerchant) continue;
        auto reached = domains(db_->query(statements_.reached, domain.type, domain.id));
        if (!reached) return error_of(reached);
        for (const Domain& from : *reached) join.inherits(i, from);
      }
      for (std::size_t i = 0; i < join.users().size(); ++i) {
        auto joined = domains(db_->query(statements_.of_user, join.users()[i]));
        if (!joined) return error_of(joined);
        for (const Domain& to : *joined) join.joined(i, to);
      }
      return {};
    });
    if (!done) return error_of(done);
    return join.held();
  }

  Result<std::optional<Domain>> joined_through(const UserId& user, const RoomName& room) override {
    const auto domain = domain_of(room);
    if (!domain) return std::nullopt;
    auto query = db_->query(statements_.through, domain->type, domain->id, user.value);
    const auto row = query.next();
    if (!row) return error_of(row);
    if (!*row) return std::nullopt;
    return Domain{query.text(0), query.text(1)};
  }

  Result<PolicyEvidence> evidence(const UserId& user, const RoomName& room) override {
    PolicyEvidence found;
    const auto domain = domain_of(room);
    if (!domain) return found;
    auto memberships = edges(db_->query(statements_.memberships, domain->type, domain->id, user.value));
    if (!memberships) return error_of(memberships);
    auto inheritance = edges(db_->query(statements_.inheritance, domain->type, domain->id));
    if (!inheritance) return error_of(inheritance);
    found.memberships = std::move(*memberships);
    found.inheritance = std::move(*inheritance);
    return found;
  }

 private:
  static Result<std::vector<PolicyEdge>> edges(Query query) {
    return query.rows<PolicyEdge>([](const Query& row) {
      return PolicyEdge{.variant = row.text(0),
                        .subject = {row.text(1), row.text(2)},
                        .target = {row.text(3), row.text(4)},
                        .deleted_at = row.maybe_time(5)};
    });
  }

  static Result<std::vector<Domain>> domains(Query query) {
    return query.rows<Domain>([](const Query& row) { return Domain{row.text(0), row.text(1)}; });
  }

  static Result<std::vector<UserId>> users(Query query) {
    return query.rows<UserId>([](const Query& row) { return UserId{row.text(0)}; });
  }

  Statements statements_;
  std::unique_ptr<Connection> db_;
};

}  // namespace

Result<std::unique_ptr<PolicyDefinitionRepository>> open_policies(std::unique_ptr<Connection> db,
                                                                  const SqliteOptions& options) {
  bool exists = false;
  bool has_deleted_at = false;
  {
    auto columns = db->query("SELECT name FROM pragma_table_info(?1)", options.policy_table);
    for (;;) {
      const auto row = columns.next();
      if (!row) return error_of(row);
      if (!*row) break;
      exists = true;
      has_deleted_at = has_deleted_at || columns.text(0) == "deleted_at";
    }
  }
  if (!exists)
    return fail(ErrorKind::unavailable,
                fmt::format(R"({}: no table "{}" (SIGNAL_POLICY_TABLE))", options.path, options.policy_table));
  return std::make_unique<SqlitePolicies>(std::move(db), Statements(options, has_deleted_at));
}

Result<void> replace_policies(Connection& db, const SqliteOptions& options, const std::vector<PolicyRow>& rows) {
  const std::string table = quoted(options.policy_table, '"');
  const std::string create = fmt::format(
      "CREATE TABLE IF NOT EXISTS {0} (id INTEGER PRIMARY KEY, variant TEXT NOT NULL, subject_type TEXT NOT NULL, "
      "subject_id TEXT NOT NULL, target_type TEXT NOT NULL, target_id TEXT NOT NULL, deleted_at INTEGER) STRICT; "
      "CREATE INDEX IF NOT EXISTS {1} ON {0} (variant, target_type, target_id); CREATE INDEX IF NOT EXISTS {2} ON {0} "
      "(variant, subject_type, subject_id); DELETE FROM {0}",
      table, quoted(options.policy_table + "ByTarget", '"'), quoted(options.policy_table + "BySubject", '"'));
  const std::string insert = fmt::format(
      "INSERT INTO {} (variant, subject_type, subject_id, target_type, target_id, deleted_at) VALUES (?1, ?2, ?3, ?4, "
      "?5, CASE WHEN ?6 THEN ?7 END)",
      table);
  return db.transaction(Access::write, [&]() -> Result<void> {
    if (auto made = db.execute(create); !made) return made;
    for (const PolicyRow& row : rows) {
      auto added = db.query(insert, row.variant, row.subject_type, row.subject_id, row.target_type, row.target_id,
                            row.deleted, now_wall());
      if (auto done = added.run(); !done) return done;
    }
    return {};
  });
}

}  // namespace nx::store::sqlite
