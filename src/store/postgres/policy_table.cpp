#include "store/postgres/policy_table.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "store/policy_domain.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store::postgres {
namespace {

constexpr std::array kNeeded{"variant", "subject_type", "subject_id", "target_type", "target_id"};

enum class IdType { text, integer, uuid, other };

IdType id_type(std::int64_t type) {
  switch (type) {
    case 25:    // text
    case 1043:  // varchar
      return IdType::text;
    case 20:  // bigint, integer, smallint
    case 21:
    case 23:
      return IdType::integer;
    case 2950:
      return IdType::uuid;
    default:
      return IdType::other;
  }
}

constexpr const char* kExactInteger = "^(0|-?[1-9][0-9]{0,18})$";
constexpr const char* kExactUuid = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$";

/// `column = value` in a form that uses the column's index: the text of the value is converted to the column's type. A
/// text that is not the exact form of such a value becomes null and equals nothing: '07' is not 7. The inner CASE is
/// evaluated after the outer one.
std::string same_id(const PolicyTable& table, const char* column, const std::string& value) {
  const std::string name = std::string{"p."} + column;
  switch (id_type(table.column(column)->type)) {
    case IdType::integer:
      return fmt::format(
          "{0} = CASE WHEN {1} ~ '{2}' THEN CASE WHEN {1}::numeric BETWEEN -9223372036854775808 AND "
          "9223372036854775807 THEN {1}::bigint END END",
          name, value, kExactInteger);
    case IdType::uuid:
      return fmt::format("{0} = CASE WHEN {1} ~ '{2}' THEN {1}::uuid END", name, value, kExactUuid);
    case IdType::text:
    case IdType::other:
      break;
  }
  return fmt::format("{} = {}", name, value);
}

/// Converts a position that was read from the column to the column's type.
std::string position(const PolicyTable& table, const std::string& value) {
  switch (id_type(table.column("subject_id")->type)) {
    case IdType::integer:
      return fmt::format("CAST({}::text AS bigint)", value);
    case IdType::uuid:
      return fmt::format("CAST({}::text AS uuid)", value);
    case IdType::text:
    case IdType::other:
      break;
  }
  return value + "::text";
}

/// The next members, sorted by id: the first $3 rows of each variant and domain (an arm). With an index in this order
/// each arm is a short index scan; without one it is a sort that keeps no more than $3 rows.
std::string members_of(const PolicyTable& table, const std::vector<std::string>& variants, const std::string& domains,
                       const std::string& condition) {
  std::string arms;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    arms += i == 0 ? "(" : " UNION ALL (";
    arms += fmt::format(
        "SELECT p.subject_id, {}::bigint AS variant FROM {} p WHERE p.variant = {}{} ORDER BY p.subject_id LIMIT $3)",
        i, table.name, quoted(variants[i], '\''), condition);
  }
  return fmt::format(
      "{}SELECT a.subject_id::text, d.place * {} + a.variant FROM (SELECT row_number() OVER () AS place, u.type, u.id "
      "FROM (SELECT DISTINCT type, id FROM domains) u) d CROSS JOIN LATERAL ({}) a ORDER BY a.subject_id",
      domains, variants.size(), arms);
}

/// Looks up each domain and each user once, even if several pairs contain it, and leaves the combination to the caller:
/// a plan that combines every pair with every domain would cost their product. IS TRUE keeps the planner from turning
/// the IN into a join; it becomes a hash table in memory that is probed for each row of a user. Without DISTINCT the
/// planner could consider it too large for that.
std::string among_of(const PolicyTable& table, const std::string& joined, const std::string& parent) {
  const auto in_text = [](const std::string& column) { return fmt::format(R"(p.{}::text COLLATE "default")", column); };
  return fmt::format(
      "WITH RECURSIVE domains(place, widens, type, id, depth) AS (SELECT a.place, a.type = 'Merchant', a.type, a.id, 0 "
      "FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS a(type, id, place) UNION SELECT d.place, true, {} AND "
      "d.widens) SELECT DISTINCT d.place, NULL::bigint, d.type, d.id FROM domains d WHERE d.depth > 0 UNION ALL SELECT "
      "NULL, u.place, p.target_type::text, p.target_id::text FROM unnest($1::text[]) WITH ORDINALITY AS u(id, place) "
      "JOIN {} p ON {} AND {} WHERE (({}, {}) IN (SELECT DISTINCT d.type, d.id FROM domains d)) IS TRUE",
      parent, table.name, joined, same_id(table, "subject_id", "u.id"), in_text("target_type"), in_text("target_id"));
}

}  // namespace

const PolicyTable::Column* PolicyTable::column(std::string_view wanted) const {
  const auto found =
      std::find_if(columns.begin(), columns.end(), [wanted](const Column& column) { return column.name == wanted; });
  return found == columns.end() ? nullptr : &*found;
}

Result<std::optional<PolicyTable>> find_policy_table(Connection& db, const std::string& asked) {
  static constexpr std::string_view kColumns =
      "SELECT s.nspname::text, c.relname::text, a.attname::text, a.atttypid::bigint, "
      "pg_catalog.format_type(a.atttypid, NULL) "
      "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace "
      "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
      "WHERE c.oid = pg_catalog.to_regclass($1) ORDER BY a.attnum";
  const std::size_t dot = asked.find('.');
  const std::string name = dot == std::string::npos ? quoted(asked, '"')
                                                    : fmt::format("{}.{}", quoted(asked.substr(0, dot), '"'),
                                                                  quoted(asked.substr(dot + 1), '"'));
  auto answer = db.read({{kColumns, Parameters(name)}});
  if (!answer) return error_of(answer);
  const Rows& rows = answer->front();
  if (rows.empty()) return std::nullopt;
  PolicyTable table{.name = fmt::format("{}.{}", quoted(rows.text(0, 0), '"'), quoted(rows.text(0, 1), '"')),
                    .columns = {}};
  for (int i = 0; i < rows.size(); ++i) {
    table.columns.push_back({.name = rows.text(i, 2), .type = rows.integer(i, 3), .type_name = rows.text(i, 4)});
  }
  auto ordered = has_index(db, table, {"target_id", "target_type", "variant"}, "subject_id");
  if (!ordered) return error_of(ordered);
  table.has_members_in_order = *ordered;
  return table;
}

Result<bool> has_index(Connection& db, const PolicyTable& table, std::vector<std::string> columns,
                       const std::string& next) {
  static constexpr std::string_view kIndexes =
      "SELECT pg_catalog.array_to_string(ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(x.indkey) WITH ORDINALITY "
      "AS k (attnum, place) JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum "
      "WHERE k.place <= $2 ORDER BY 1), ' '), coalesce((SELECT a.attname::text FROM pg_catalog.pg_attribute a "
      "WHERE a.attrelid = x.indrelid AND a.attnum = x.indkey[$2::int] AND x.indnkeyatts > $2), '') "
      "FROM pg_catalog.pg_index x "
      "WHERE x.indrelid = pg_catalog.to_regclass($1) AND x.indisvalid AND x.indnkeyatts >= $2";
  auto answer = db.read({{kIndexes, Parameters(table.name, columns.size())}});
  if (!answer) return error_of(answer);
  std::sort(columns.begin(), columns.end());
  const std::string wanted = fmt::format("{}", fmt::join(columns, " "));
  const Rows& rows = answer->front();
  for (int row = 0; row < rows.size(); ++row) {
    if (rows.text(row, 0) == wanted && (next.empty() || rows.text(row, 1) == next)) return true;
  }
  return false;
}

std::vector<std::string> unusable_columns(const PolicyTable& table) {
  std::vector<std::string> lacks;
  for (const char* name : kNeeded) {
    const PolicyTable::Column* column = table.column(name);
    if (column == nullptr) {
      lacks.push_back(fmt::format("{} has no column {}", table.name, name));
    } else if (std::string_view{name}.ends_with("_id") && id_type(column->type) == IdType::other) {
      lacks.push_back(fmt::format("{}.{} is {}; text, integer or uuid is needed", table.name, name, column->type_name));
    }
  }
  return lacks;
}

PolicyStatements::PolicyStatements(const PolicyTable& table, const std::vector<std::string>& variants) {
  const std::string alive = table.has("deleted_at") ? " AND p.deleted_at IS NULL" : "";
  std::string names;
  for (const std::string& variant : variants) names += (names.empty() ? "" : ", ") + quoted(variant, '\'');
  const std::string joined = fmt::format("p.variant IN ({}) AND p.subject_type = 'User'{}", names, alive);
  const auto targets = [&](const std::string& type, const std::string& id) {
    return fmt::format("p.target_type = {} AND {}", type, same_id(table, "target_id", id));
  };

  direct = fmt::format("SELECT p.subject_id::text FROM {} p WHERE {} AND {} LIMIT $3", table.name, joined,
                       targets("$1", "$2"));
  // UNION ends cycles together with the depth; the depth bounds a long chain. Only a merchant inherits. The collation
  // is named because both arms of a recursion need the same one.
  const auto parents = [&](const std::string& of_rows) {
    return fmt::format(R"(p.target_type::text COLLATE "default", p.target_id::text COLLATE "default", d.depth + 1
    FROM domains d JOIN {} p ON p.variant = 'domain_inherits' AND p.subject_type = d.type AND {}{} WHERE d.depth < {})",
                       table.name, same_id(table, "subject_id", "d.id"), of_rows, kMaxInheritance);
  };
  const std::string parent = parents(alive);
  const std::string from_domain =
      "WITH RECURSIVE domains(type, id, depth) AS (SELECT $1::text, $2::text, 0 UNION SELECT ";
  const std::string domains = fmt::format("{}{} AND $1 = 'Merchant') ", from_domain, parent);
  inherited = fmt::format(
      "{}SELECT p.subject_id::text FROM (SELECT DISTINCT type, id FROM domains) d JOIN {} p ON {} AND {} LIMIT $3",
      domains, table.name, joined, targets("d.type", "d.id"));
  const std::string member = fmt::format(" AND p.subject_type = 'User'{} AND {}", alive, targets("d.type", "d.id"));
  members = members_of(table, variants, domains, member);
  members_after =
      members_of(table, variants, domains, fmt::format("{} AND p.subject_id > {}", member, position(table, "$4")));
  is_behind = fmt::format(
      "{}SELECT 1 FROM (SELECT DISTINCT type, id FROM domains) d JOIN {} p ON {} AND {} AND {} AND p.subject_id > {} "
      "LIMIT 1",
      domains, table.name, joined, same_id(table, "subject_id", "$3"), targets("d.type", "d.id"),
      position(table, "$4"));
  through = fmt::format("{}SELECT d.type, d.id FROM domains d JOIN {} p ON {} AND {} AND {} ORDER BY d.depth LIMIT 1",
                        domains, table.name, joined, same_id(table, "subject_id", "$3"), targets("d.type", "d.id"));
  const std::string deleted_at = table.has("deleted_at") ? "p.deleted_at::timestamptz" : "NULL::timestamptz";
  const std::string evidence = fmt::format(
      "{}{} AND $1 = 'Merchant') SELECT p.variant::text, p.subject_type::text, p.subject_id::text, "
      "p.target_type::text, p.target_id::text, {} FROM (SELECT DISTINCT type, id FROM domains) d JOIN {} p ON ",
      from_domain, parents(""), deleted_at, table.name);
  const std::string at_most = " LIMIT " + std::to_string(kMaxEvidence);
  memberships = fmt::format("{}p.variant IN ({}) AND p.subject_type = 'User' AND {} AND {}{}", evidence, names,
                            same_id(table, "subject_id", "$3"), targets("d.type", "d.id"), at_most);
  inheritance = fmt::format("{}$1 = 'Merchant' AND p.variant = 'domain_inherits' AND p.subject_type = d.type AND {}{}",
                            evidence, same_id(table, "subject_id", "d.id"), at_most);
  among = among_of(table, joined, parent);
}

}  // namespace nx::store::postgres
