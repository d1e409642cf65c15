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

/// `column = value` through the column's index: the value, a text, is turned into the column's type. What is not
/// exactly the text of such a value is null and equals nothing: '07' is not 7. The inner CASE runs after the outer one.
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

/// Each domain and each user is looked up once, whoever asks about them, and the two are put together outside: a plan
/// that met every pair with every domain would cost their product. The IN is no join for the planner (IS TRUE), but a
/// table in memory that each row of a user is held against; without DISTINCT it could be thought too large for that.
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
  if (!answer) return tl::unexpected<Error>(std::move(answer.error()));
  const Rows& rows = answer->front();
  if (rows.empty()) return std::nullopt;
  PolicyTable table{.name = quoted(rows.text(0, 0), '"') + "." + quoted(rows.text(0, 1), '"'), .columns = {}};
  for (int i = 0; i < rows.size(); ++i) {
    table.columns.push_back({.name = rows.text(i, 2), .type = rows.integer(i, 3), .type_name = rows.text(i, 4)});
  }
  return table;
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

  direct =
      "SELECT DISTINCT p.subject_id::text FROM " + table.name + " p WHERE " + joined + " AND " + targets("$1", "$2");
  // UNION ends cycles with the depth; the depth bounds a long chain. Only a merchant inherits. The collation is named
  // because both arms of a recursion need the same one.
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
  inherited = domains + "SELECT DISTINCT p.subject_id::text FROM (SELECT DISTINCT type, id FROM domains) d JOIN " +
              table.name + " p ON " + joined + " AND " + targets("d.type", "d.id");
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
