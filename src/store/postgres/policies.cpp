#include "store/postgres/policies.hpp"

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "store/membership_join.hpp"
#include "store/policy_domain.hpp"
#include "store/postgres/policy_table.hpp"
#include "store/postgres/text.hpp"

namespace nx::store::postgres {
namespace {

/// Planning with a thousand values costs as much as the query itself, and each time the plan may differ.
constexpr std::string_view kOnePlan = "SELECT set_config('plan_cache_mode', 'force_generic_plan', true)";

std::string along_the_members() {
  std::string sql;
  for (const PlannerSetting& setting : kAlongTheMembers) {
    sql += fmt::format("{}set_config('{}', '{}', true)", sql.empty() ? "SELECT " : ", ", setting.name, setting.value);
  }
  return sql;
}

/// Only the first rows in the order are kept, if they fit into this memory.
constexpr std::string_view kRoomToSort = "SELECT set_config('work_mem', '32MB', true)";

/// The rows of the statement members, distinct, up to the end of the first arm that returned its full number of rows.
std::vector<UserId> merged(const Rows& rows, std::size_t limit) {
  std::vector<UserId> found;
  std::map<std::int64_t, std::size_t> given;  // rows by arm
  for (int row = 0; row < rows.size(); ++row) {
    std::string user = rows.text(row, 0);
    if (found.empty() || found.back().value != user) {
      if (found.size() == limit) break;
      found.push_back({std::move(user)});
    }
    if (++given[rows.integer(row, 1)] == limit) break;
  }
  return found;
}

class PostgresPolicies final : public PolicyDefinitionRepository {
 public:
  PostgresPolicies(std::shared_ptr<Connection> db, PolicyStatements sql, bool in_order, const PostgresOptions& options)
      : table_(options.policy_table),
        variants_(options.membership_variants),
        in_order_(in_order),
        sql_(std::move(sql)),
        db_(std::move(db)) {}

  Result<std::vector<UserId>> users_of_organizer(const std::string& organizer_id, std::size_t limit) override {
    if (!is_storable(organizer_id)) return std::vector<UserId>{};
    return users({{sql_.direct, Parameters(kOrganizer, organizer_id, limit)}});
  }

  Result<std::vector<UserId>> users_of_merchant(const std::string& merchant_id, std::size_t limit) override {
    if (!is_storable(merchant_id)) return std::vector<UserId>{};
    return users({{sql_.inherited, Parameters(kMerchant, merchant_id, limit)}});
  }

  Result<std::vector<UserId>> members_after(const RoomName& room, const std::optional<std::string>& after,
                                            std::size_t limit) override {
    const auto domain = domain_of(room);
    if (!domain || !is_storable(domain->id)) return std::vector<UserId>{};
    std::vector<Step> steps;
    steps.push_back({in_order_ ? std::string_view{along_} : kRoomToSort, {}});
    steps.push_back(after ? Step{sql_.members_after, Parameters(domain->type, domain->id, limit, *after)}
                          : Step{sql_.members, Parameters(domain->type, domain->id, limit)});
    auto answer = ask(std::move(steps));
    if (!answer) return error_of(answer);
    return merged(*answer, limit);
  }

  bool members_in_order() const override { return in_order_; }

  Result<bool> is_member_after(const UserId& user, const RoomName& room,
                               const std::optional<std::string>& after) override {
    if (!after) return joined_through(user, room).map([](const auto& domain) { return domain.has_value(); });
    const auto domain = domain_of(room);
    if (!domain || !is_storable(domain->id) || !is_storable(user.value)) return false;
    auto answer = ask({sql_.is_behind, Parameters(domain->type, domain->id, user.value, *after)});
    if (!answer) return error_of(answer);
    return !answer->empty();
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

  /// The parameters are valid, see is_storable() and same_id(). An error of class 22 therefore comes from the other
  /// service's table or view, and the message waits until that is repaired instead of being rejected.
  Result<Rows> ask(Step step) { return ask(std::vector{std::move(step)}); }

  /// Returns the rows of the last step.
  Result<Rows> ask(std::vector<Step> steps) {
    auto answer = db_->read(std::move(steps), Connection::Plans::by_cost);
    if (!answer) {
      if (tells_of_another_shape(db_->last_sqlstate())) look_at_table();
      if (answer.error().kind == ErrorKind::invalid) answer.error().kind = ErrorKind::unavailable;
      return error_of(answer);
    }
    return std::move(answer->back());
  }

  /// Undefined column, function (an operator of other types) or table; data types that do not match.
  static bool tells_of_another_shape(SqlState state) {
    return state == SqlState::undefined_column || state == SqlState::undefined_function ||
           state == SqlState::undefined_table || state == SqlState::datatype_mismatch;
  }

  /// The other service has changed its table: the next query uses the new columns.
  void look_at_table() {
    const auto table = find_policy_table(*db_, table_);
    if (!table || !*table || !unusable_columns(**table).empty()) return;
    sql_ = PolicyStatements(**table, variants_);
    in_order_ = (*table)->has_members_in_order;
  }

  Result<std::vector<UserId>> users(std::vector<Step> steps) {
    auto answer = ask(std::move(steps));
    if (!answer) return error_of(answer);
    const Rows& rows = *answer;
    std::vector<UserId> found;
    found.reserve(static_cast<std::size_t>(rows.size()));
    for (int row = 0; row < rows.size(); ++row) found.push_back({rows.text(row, 0)});
    return found;
  }

  const std::string table_;
  const std::vector<std::string> variants_;
  const std::string along_ = along_the_members();
  bool in_order_;
  PolicyStatements sql_;
  std::shared_ptr<Connection> db_;
};

std::string no_table(const std::string& name) {
  return fmt::format("no table {} (SIGNAL_POLICY_TABLE)", name);
}

}  // namespace

Result<std::unique_ptr<PolicyDefinitionRepository>> open_policies(std::shared_ptr<Connection> db,
                                                                  const PostgresOptions& options) {
  auto table = find_policy_table(*db, options.policy_table);
  if (!table) return error_of(table);
  if (!*table) return fail(ErrorKind::unavailable, fmt::format("{}: {}", db->label(), no_table(options.policy_table)));
  if (const auto lacks = unusable_columns(**table); !lacks.empty()) {
    return fail(ErrorKind::unavailable, fmt::format("{}: {}", db->label(), lacks.front()));
  }
  PolicyStatements sql(**table, options.membership_variants);
  auto probe =
      db->read({{sql.direct, Parameters(kOrganizer, "", 1)}}, Connection::Plans::by_cost);  // may this role read it?
  if (!probe) return error_of(probe);
  return std::make_unique<PostgresPolicies>(std::move(db), std::move(sql), (*table)->has_members_in_order, options);
}

namespace {

/// Whether the generic plan scans the whole table although scans are made expensive.
Result<bool> walks(Connection& db, const std::string& sql, const std::string& values) {
  const std::string prepare = "PREPARE signal_audit AS " + sql;
  const std::string explain = fmt::format("EXPLAIN EXECUTE signal_audit({})", values);
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

/// Includes the statement that creates the index.
std::string missing_index(const std::string& table, const std::string& what, const std::string& columns) {
  return fmt::format("{0} has no index {1}: CREATE INDEX ON {0} ({2})", table, what, columns);
}

Result<void> add_missing_indexes(Connection& db, const PolicyTable& table, std::vector<std::string>& lacks) {
  const std::string by_subject = "variant, subject_type, subject_id", by_target = "variant, target_type, target_id";
  auto subject = has_index(db, table, {"variant", "subject_type", "subject_id"});
  if (!subject) return error_of(subject);
  auto target = has_index(db, table, {"variant", "target_type", "target_id"});
  if (!target) return error_of(target);
  if (!*target) {
    lacks.push_back(missing_index(table.name, "that begins with " + by_target, by_target + ", subject_id"));
  } else if (!table.has_members_in_order) {
    lacks.push_back(missing_index(table.name,
                                  "in the order of a room's members, so a message to very many reads all of them again "
                                  "and again",
                                  by_target + ", subject_id"));
  }
  if (!*subject) lacks.push_back(missing_index(table.name, "that begins with " + by_subject, by_subject));
  return {};
}

}  // namespace

Result<std::vector<std::string>> audit_policies(Connection& db, const PostgresOptions& options) {
  auto table = find_policy_table(db, options.policy_table);
  if (!table) return error_of(table);
  if (!*table) return std::vector{no_table(options.policy_table)};
  std::vector<std::string> lacks = unusable_columns(**table);
  if (!lacks.empty()) return lacks;

  if (auto found = add_missing_indexes(db, **table, lacks); !found) return error_of(found);
  const PolicyStatements sql(**table, options.membership_variants);
  for (const auto& [what, text, values] :
       {std::tuple{"the users of an organizer", &sql.direct, "'Organizer', '0', 1"},
        std::tuple{"the users of a merchant", &sql.inherited, "'Merchant', '0', 1"},
        std::tuple{"whether a user belongs to a room", &sql.through, "'Merchant', '0', '0'"},
        std::tuple{"which of many users still belong to their rooms", &sql.among,
                   "ARRAY['0'], ARRAY['Merchant'], ARRAY['0']"}}) {
    auto walk = walks(db, *text, values);
    if (!walk) return error_of(walk);
    if (*walk) lacks.push_back(fmt::format("to find {} PostgreSQL would read all of {}", what, (*table)->name));
  }
  return lacks;
}

}  // namespace nx::store::postgres
