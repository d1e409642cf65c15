#include "store/postgres/policy_table.hpp"

#include <algorithm>
#include <array>

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

/// `column = value` in a form that uses the column's index: the text of the value is converted to the column's type. A
/// text that is not the exact form of such a value becomes null and equals nothing: '07' is not 7. The inner CASE is
/// evaluated after the outer one.
std::string same_id(const PolicyTable& table, const char* column, const std::string& value) {
  const std::string name = std::string{"p."} + column;
  switch (id_type(table.column(column)->type)) {
    case IdType::integer:
      return name + " = CASE WHEN " + value + " ~ '^(0|-?[1-9][0-9]{0,18})$' THEN CASE WHEN " + value +
             "::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN " + value + "::bigint END END";
    case IdType::uuid:
      return name + " = CASE WHEN " + value + " ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN " + value +
             "::uuid END";
    case IdType::text:
    case IdType::other:
      break;
  }
  return name + " = " + value;
}

/// Converts a position that was read from the column to the column's type.
std::string position(const PolicyTable& table, const std::string& value) {
  switch (id_type(table.column("subject_id")->type)) {
    case IdType::integer:
      return "CAST(" + value + "::text AS bigint)";
    case IdType::uuid:
      return "CAST(" + value + "::text AS uuid)";
    case IdType::text:
    case IdType::other:
      break;
  }
  return value + "::text";
}

/// The next members, sorted by id: the first $3 rows of each variant and domain (an arm). With an index in this order
/// each arm is a short walk; without one it is a sort that keeps no more than $3 rows.
std::string members_of(const PolicyTable& table, const std::vector<std::string>& variants, const std::string& domains,
                       const std::string& condition) {
  std::string arms;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    arms += i == 0 ? "(" : " UNION ALL (";
    arms += "SELECT p.subject_id, " + std::to_string(i) + "::bigint AS variant FROM " + table.name +
            " p WHERE p.variant = " + quoted(variants[i], '\'') + condition + " ORDER BY p.subject_id LIMIT $3)";
  }
  return domains + "SELECT a.subject_id::text, d.place * " + std::to_string(variants.size()) +
         " + a.variant FROM (SELECT row_number() OVER () AS place, u.type, u.id FROM (SELECT DISTINCT type, id FROM "
         "domains) u) d CROSS JOIN LATERAL (" +
         arms + ") a ORDER BY a.subject_id";
}

/// Looks up each domain and each user once, whoever asks about them, and leaves the combination to the caller: a plan
/// that combines every pair with every domain would cost their product. IS TRUE keeps the planner from turning the IN
/// into a join; it becomes a hash table in memory that is probed for each row of a user. Without DISTINCT the planner
/// could consider it too large for that.
std::string among_of(const PolicyTable& table, const std::string& joined, const std::string& parent) {
  const auto in_text = [](const std::string& column) { return "p." + column + R"(::text COLLATE "default")"; };
  return "WITH RECURSIVE domains(place, widens, type, id, depth) AS (SELECT a.place, a.type = 'Merchant', a.type, "
         "a.id, 0 "
         "FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS a(type, id, place) UNION SELECT d.place, true, " +
         parent +
         " AND d.widens) SELECT DISTINCT d.place, NULL::bigint, d.type, d.id FROM domains d WHERE d.depth > 0 UNION "
         "ALL "
         "SELECT NULL, u.place, p.target_type::text, p.target_id::text FROM unnest($1::text[]) WITH ORDINALITY AS "
         "u(id, place) JOIN " +
         table.name + " p ON " + joined + " AND " + same_id(table, "subject_id", "u.id") + " WHERE ((" +
         in_text("target_type") + ", " + in_text("target_id") +
         ") IN (SELECT DISTINCT d.type, d.id FROM domains d)) IS TRUE";
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
  const std::string name = dot == std::string::npos
                               ? quoted(asked, '"')
                               : quoted(asked.substr(0, dot), '"') + "." + quoted(asked.substr(dot + 1), '"');
  auto answer = db.read({{kColumns, Parameters(name)}});
  if (!answer) return error_of(answer);
  const Rows& rows = answer->front();
  if (rows.empty()) return std::nullopt;
  PolicyTable table{.name = quoted(rows.text(0, 0), '"') + "." + quoted(rows.text(0, 1), '"'), .columns = {}};
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
  std::string wanted;
  for (const std::string& column : columns) wanted += (wanted.empty() ? "" : " ") + column;
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
      lacks.push_back(table.name + " has no column " + name);
    } else if (std::string_view{name}.ends_with("_id") && id_type(column->type) == IdType::other) {
      lacks.push_back(table.name + "." + name + " is " + column->type_name + "; text, integer or uuid is needed");
    }
  }
  return lacks;
}

PolicyStatements::PolicyStatements(const PolicyTable& table, const std::vector<std::string>& variants) {
  const std::string alive = table.has("deleted_at") ? " AND p.deleted_at IS NULL" : "";
  std::string names;
  for (const std::string& variant : variants) names += (names.empty() ? "" : ", ") + quoted(variant, '\'');
  const std::string joined = "p.variant IN (" + names + ") AND p.subject_type = 'User'" + alive;
  const auto targets = [&](const std::string& type, const std::string& id) {
    return "p.target_type = " + type + " AND " + same_id(table, "target_id", id);
  };

  direct = "SELECT p.subject_id::text FROM " + table.name + " p WHERE " + joined + " AND " + targets("$1", "$2") +
           " LIMIT $3";
  // UNION ends cycles together with the depth; the depth bounds a long chain. Only a merchant inherits. The collation
  // is named because both arms of a recursion need the same one.
  const auto parents = [&](const std::string& of_rows) {
    return R"(p.target_type::text COLLATE "default", p.target_id::text COLLATE "default", d.depth + 1
    FROM domains d JOIN )" +
           table.name + " p ON p.variant = 'domain_inherits' AND p.subject_type = d.type AND " +
           same_id(table, "subject_id", "d.id") + of_rows + " WHERE d.depth < " + std::to_string(kMaxInheritance);
  };
  const std::string parent = parents(alive);
  const std::string from_domain =
      "WITH RECURSIVE domains(type, id, depth) AS (SELECT $1::text, $2::text, 0 UNION SELECT ";
  const std::string domains = from_domain + parent + " AND $1 = 'Merchant') ";
  inherited = domains + "SELECT p.subject_id::text FROM (SELECT DISTINCT type, id FROM domains) d JOIN " + table.name +
              " p ON " + joined + " AND " + targets("d.type", "d.id") + " LIMIT $3";
  const std::string member = " AND p.subject_type = 'User'" + alive + " AND " + targets("d.type", "d.id");
  members = members_of(table, variants, domains, member);
  members_after = members_of(table, variants, domains, member + " AND p.subject_id > " + position(table, "$4"));
  is_behind = domains + "SELECT 1 FROM (SELECT DISTINCT type, id FROM domains) d JOIN " + table.name + " p ON " +
              joined + " AND " + same_id(table, "subject_id", "$3") + " AND " + targets("d.type", "d.id") +
              " AND p.subject_id > " + position(table, "$4") + " LIMIT 1";
  through = domains + "SELECT d.type, d.id FROM domains d JOIN " + table.name + " p ON " + joined + " AND " +
            same_id(table, "subject_id", "$3") + " AND " + targets("d.type", "d.id") + " ORDER BY d.depth LIMIT 1";
  const std::string deleted_at = table.has("deleted_at") ? "p.deleted_at::timestamptz" : "NULL::timestamptz";
  const std::string evidence =
      from_domain + parents("") +
      " AND $1 = 'Merchant') SELECT p.variant::text, p.subject_type::text, p.subject_id::text, "
      "p.target_type::text, p.target_id::text, " +
      deleted_at + " FROM (SELECT DISTINCT type, id FROM domains) d JOIN " + table.name + " p ON ";
  const std::string at_most = " LIMIT " + std::to_string(kMaxEvidence);
  memberships = evidence + "p.variant IN (" + names + ") AND p.subject_type = 'User' AND " +
                same_id(table, "subject_id", "$3") + " AND " + targets("d.type", "d.id") + at_most;
  inheritance = evidence + "$1 = 'Merchant' AND p.variant = 'domain_inherits' AND p.subject_type = d.type AND " +
                same_id(table, "subject_id", "d.id") + at_most;
  among = among_of(table, joined, parent);
}

}  // namespace nx::store::postgres
