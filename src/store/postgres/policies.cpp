#include "store/postgres/policies.hpp"

#include <algorithm>

#include "store/membership_join.hpp"
#include "store/policy_domain.hpp"
#include "store/postgres/policy_table.hpp"
#include "store/postgres/text.hpp"

namespace nx::store::postgres {
namespace {

/// A plan made for a thousand values costs as much as its answer, and may be another one each time.
constexpr std::string_view kOnePlan = "SELECT set_config('plan_cache_mode', 'force_generic_plan', true)";

class PostgresPolicies final : public PolicyDefinitionRepository {
 public:
  PostgresPolicies(std::shared_ptr<Connection> db, PolicyStatements sql, const PostgresOptions& options)
      : table_(options.policy_table),
        variants_(options.membership_variants),
        sql_(std::move(sql)),
        db_(std::move(db)) {}

  Result<std::vector<UserId>> users_of_organizer(const std::string& organizer_id) override {
    return users(sql_.direct, kOrganizer, organizer_id);
  }

  Result<std::vector<UserId>> users_of_merchant(const std::string& merchant_id) override {
    return users(sql_.inherited, kMerchant, merchant_id);
  }

  Result<std::vector<Membership>> members_among(std::span<const Membership> asked) override {
    MembershipJoin join(asked, [](std::string_view text) { return is_storable(text); });
    std::vector<std::string> types, ids;
    for (const Domain& domain : join.domains()) {
      types.push_back(domain.type);
      ids.push_back(domain.id);
    }
    if (types.empty()) return std::vector<Membership>{};
    auto answer = ask({{kOnePlan, {}}, {sql_.among, Parameters(join.users(), types, ids)}});
    if (!answer) return error_of(answer);
    const Rows& rows = *answer;
    for (int row = 0; row < rows.size(); ++row) {
      if (!rows.is_null(row, 0)) join.inherits(place(rows, row, 0), {rows.text(row, 2), rows.text(row, 3)});
    }
    for (int row = 0; row < rows.size(); ++row) {
      if (rows.is_null(row, 0)) join.joined(place(rows, row, 1), {rows.text(row, 2), rows.text(row, 3)});
    }
    return join.held();
  }

  Result<std::optional<Domain>> joined_through(const UserId& user, const RoomName& room) override {
    const auto domain = domain_of(room);
    if (!domain || !is_storable(domain->id) || !is_storable(user.value)) return std::nullopt;
    auto answer = ask({sql_.through, Parameters(domain->type, domain->id, user.value)});
    if (!answer) return error_of(answer);
    if (answer->empty()) return std::nullopt;
    return Domain{answer->text(0, 0), answer->text(0, 1)};
  }

  Result<PolicyEvidence> evidence(const UserId& user, const RoomName& room) override {
    PolicyEvidence found;
    const auto domain = domain_of(room);
    if (!domain || !is_storable(domain->id) || !is_storable(user.value)) return found;
    auto memberships = ask({sql_.memberships, Parameters(domain->type, domain->id, user.value)});
    if (!memberships) return error_of(memberships);
    auto inheritance = ask({sql_.inheritance, Parameters(domain->type, domain->id)});
    if (!inheritance) return error_of(inheritance);
    found.memberships = edges_of(*memberships);
    found.inheritance = edges_of(*inheritance);
    return found;
  }

 private:
  static std::size_t place(const Rows& rows, int row, int column) {
    return static_cast<std::size_t>(rows.integer(row, column) - 1);
  }

  static std::vector<PolicyEdge> edges_of(const Rows& rows) {
    std::vector<PolicyEdge> edges;
    for (int row = 0; row < rows.size(); ++row) {
      edges.push_back({.variant = rows.text(row, 0),
                       .subject = {rows.text(row, 1), rows.text(row, 2)},
                       .target = {rows.text(row, 3), rows.text(row, 4)},
                       .deleted_at = rows.maybe_time(row, 5)});
    }
    return edges;
  }

  /// What was asked for can be asked for, see is_storable() and same_id(). An error of class 22 comes from the other
  /// service's table or view, and a message that waits until that is mended is better than one given up.
  Result<Rows> ask(Step step) { return ask(std::vector{std::move(step)}); }

  /// The rows of the last step.
  Result<Rows> ask(std::vector<Step> steps) {
    auto answer = db_->read(std::move(steps), Connection::Plans::by_cost);
    if (!answer) {
      if (tells_of_another_shape(db_->last_sqlstate())) look_at_table();
      if (answer.error().kind == ErrorKind::invalid) answer.error().kind = ErrorKind::unavailable;
      return error_of(answer);
    }
    return std::move(answer->back());
  }

  /// Undefined column, function (an operator of other types), table; data types that do not fit together.
  static bool tells_of_another_shape(std::string_view sqlstate) {
    return sqlstate == "42703" || sqlstate == "42883" || sqlstate == "42P01" || sqlstate == "42804";
  }

  /// The other service has changed its table: whoever asks again asks in the new shape.
  void look_at_table() {
    const auto table = find_policy_table(*db_, table_);
    if (table && *table && unusable_columns(**table).empty()) sql_ = PolicyStatements(**table, variants_);
  }

  Result<std::vector<UserId>> users(std::string_view statement, std::string_view type, const std::string& id) {
    std::vector<UserId> found;
    if (!is_storable(id)) return found;
    auto answer = ask({statement, Parameters(type, id)});
    if (!answer) return error_of(answer);
    const Rows& rows = *answer;
    found.reserve(static_cast<std::size_t>(rows.size()));
    for (int row = 0; row < rows.size(); ++row) found.push_back({rows.text(row, 0)});
    return found;
  }

  const std::string table_;
  const std::vector<std::string> variants_;
  PolicyStatements sql_;
  std::shared_ptr<Connection> db_;
};

std::string no_table(const std::string& name) {
  return "no table " + name + " (SIGNAL_POLICY_TABLE)";
}

}  // namespace

Result<std::unique_ptr<PolicyDefinitionRepository>> open_policies(std::shared_ptr<Connection> db,
                                                                  const PostgresOptions& options) {
  auto table = find_policy_table(*db, options.policy_table);
  if (!table) return error_of(table);
  if (!*table) return fail(ErrorKind::unavailable, db->label() + ": " + no_table(options.policy_table));
  if (const auto lacks = unusable_columns(**table); !lacks.empty()) {
    return fail(ErrorKind::unavailable, db->label() + ": " + lacks.front());
  }
  PolicyStatements sql(**table, options.membership_variants);
  auto probe =
      db->read({{sql.direct, Parameters(kOrganizer, "")}}, Connection::Plans::by_cost);  // may this role read it?
  if (!probe) return error_of(probe);
  return std::make_unique<PostgresPolicies>(std::move(db), std::move(sql), options);
}

namespace {

/// Whether some index begins with these columns, in any order.
Result<bool> has_index(Connection& db, const PolicyTable& table, std::vector<std::string> columns) {
  static constexpr std::string_view kIndexes =
      "SELECT pg_catalog.array_to_string(ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(x.indkey) WITH ORDINALITY "
      "AS k (attnum, place) JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum "
      "WHERE k.place <= $2 ORDER BY 1), ' ') FROM pg_catalog.pg_index x "
      "WHERE x.indrelid = pg_catalog.to_regclass($1) AND x.indisvalid AND x.indnkeyatts >= $2";
  auto answer = db.read({{kIndexes, Parameters(table.name, columns.size())}});
  if (!answer) return error_of(answer);
  std::sort(columns.begin(), columns.end());
  std::string wanted;
  for (const std::string& column : columns) wanted += (wanted.empty() ? "" : " ") + column;
  const Rows& rows = answer->front();
  for (int row = 0; row < rows.size(); ++row) {
    if (rows.text(row, 0) == wanted) return true;
  }
  return false;
}

/// Whether the generic plan walks the whole table although walks are made expensive.
Result<bool> walks(Connection& db, const std::string& sql, const std::string& values) {
  const std::string prepare = "PREPARE signal_audit AS " + sql;
  const std::string explain = "EXPLAIN EXECUTE signal_audit(" + values + ")";
  return db.write([&]() -> Result<bool> {
    auto answer = db.exchange({{kOnePlan, {}}, {prepare, {}}, {explain, {}}, {"DEALLOCATE signal_audit", {}}});
    if (!answer) return error_of(answer);
    const Rows& plan = (*answer)[2];
    for (int row = 0; row < plan.size(); ++row) {
      if (plan.text(row, 0).find("Seq Scan on ") != std::string::npos) return true;
    }
    return false;
  });
}

}  // namespace

Result<std::vector<std::string>> audit_policies(Connection& db, const PostgresOptions& options) {
  auto table = find_policy_table(db, options.policy_table);
  if (!table) return error_of(table);
  if (!*table) return std::vector{no_table(options.policy_table)};
  std::vector<std::string> lacks = unusable_columns(**table);
  if (!lacks.empty()) return lacks;

  for (const auto& columns : {std::vector<std::string>{"variant", "target_type", "target_id"},
                              std::vector<std::string>{"variant", "subject_type", "subject_id"}}) {
    auto found = has_index(db, **table, columns);
    if (!found) return error_of(found);
    if (*found) continue;
    const std::string list = columns[0] + ", " + columns[1] + ", " + columns[2];
    std::string lack = (*table)->name;
    lack.append(" has no index that begins with ").append(list);
    lack.append(": CREATE INDEX ON ").append((*table)->name).append(" (").append(list).append(")");
    lacks.push_back(std::move(lack));
  }
  const PolicyStatements sql(**table, options.membership_variants);
  for (const auto& [what, text, values] :
       {std::tuple{"the users of an organizer", &sql.direct, "'Organizer', '0'"},
        std::tuple{"the users of a merchant", &sql.inherited, "'Merchant', '0'"},
        std::tuple{"whether a user belongs to a room", &sql.through, "'Merchant', '0', '0'"},
        std::tuple{"which of many users still belong to their rooms", &sql.among,
                   "ARRAY['0'], ARRAY['Merchant'], ARRAY['0']"}}) {
    auto walk = walks(db, *text, values);
    if (!walk) return error_of(walk);
    if (*walk) lacks.push_back(std::string{"to find "} + what + " PostgreSQL would read all of " + (*table)->name);
  }
  return lacks;
}

}  // namespace nx::store::postgres
