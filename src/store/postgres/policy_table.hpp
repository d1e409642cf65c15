#pragma once
// The actual form of the identity service's policy table: its name, its columns and their types; and the statements
// that read it.

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "store/postgres/connection.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store::postgres {

struct PolicyTable {
  struct Column {
    std::string name;
    std::int64_t type = 0;  // pg_type oid
    std::string type_name;
  };
  std::string name;  // quoted, with its schema
  std::vector<Column> columns;

  bool has_members_in_order = false;  // whether an index has the order

  const Column* column(std::string_view wanted) const;
  bool has(std::string_view wanted) const { return column(wanted) != nullptr; }
};

/// nullopt if there is no such table. `asked`: [schema.]table; without a schema it is searched once along the role's
/// search_path.
Result<std::optional<PolicyTable>> find_policy_table(Connection& db, const std::string& asked);

/// Whether some index begins with these columns, in any order, followed by `next`.
Result<bool> has_index(Connection& db, const PolicyTable& table, std::vector<std::string> columns,
                       const std::string& next = {});

/// The defects of the table for the statements below, one sentence each.
std::vector<std::string> unusable_columns(const PolicyTable& table);

/// For the statements `members`: follow an index that has the order of the members, and sort only the few rows that
/// each arm returns.
inline constexpr std::array kAlongTheMembers{
    PlannerSetting{"enable_sort", "off"}, PlannerSetting{"enable_hashagg", "off"},
    PlannerSetting{"enable_bitmapscan", "off"}, PlannerSetting{"plan_cache_mode", "force_generic_plan"}};

struct PolicyStatements {
  PolicyStatements(const PolicyTable& table, const std::vector<std::string>& variants);

  std::string direct;     // users joined to ($1 type, $2 id), one row each, at most $3
  std::string inherited;  // users joined to it or to a domain it inherits from, likewise
  // The same users sorted by id, at most $3 rows of each arm (a variant and a domain), columns user, arm; only after
  // $4.
  std::string members, members_after;
  std::string is_behind;  // one row if user $3 is one of them and follows $4
  std::string through;    // the nearest domain through which user $3 is in ($1, $2): type, id
  // The rows that decide whether user $3 is in ($1, $2), including deleted ones: variant, subject, target, deleted_at.
  std::string memberships, inheritance;
  // The input of MembershipJoin for users $1 and domains of types $2 and ids $3, places from 1 on: (a domain's place,
  // null, type, id) of each domain it inherits from, and (null, a user's place, type, id) of each domain that the user
  // is joined to.
  std::string among;
};

}  // namespace nx::store::postgres
