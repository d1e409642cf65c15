#include "store/postgres/filter_dialect.hpp"

#include <fmt/core.h>

#include "store/decimal.hpp"

namespace nx::store::postgres {

PostgresDialect::PostgresDialect(const FilterParts& parts) : parts_(parts) {}

std::vector<FilterSide> PostgresDialect::sides(FilterPlan::Source source) const {
  const FilterSide inbox{parts_.recipients, "r.archived_at IS NULL", {}};
  const FilterSide archive{parts_.recipients, "r.archived_at IS NOT NULL", {}};
  switch (source) {
    case FilterPlan::Source::inbox:
      return {inbox};
    case FilterPlan::Source::archive:
      return {archive};
    case FilterPlan::Source::everything:  // no index has both live and archived rows in the order of seq
      return {inbox, archive};
    case FilterPlan::Source::unread:
      // Above the mark the unread index is used; below it only reopened rows are unread.
      return {{parts_.recipients, "r.archived_at IS NULL AND r.read_at IS NULL", parts_.mark},
              {parts_.recipients, "r.reopened AND r.archived_at IS NULL AND r.read_at IS NULL", {}}};
    case FilterPlan::Source::by_id:
    case FilterPlan::Source::by_time:  // the primary key serves both sources
      break;
  }
  return {{parts_.recipients, {}, {}}};
}

std::string PostgresDialect::greatest(const std::string& a, std::string_view b) const {
  return fmt::format("greatest({}, {})", a, b);
}

std::string PostgresDialect::first_of_millisecond(const std::string& id) const {
  return fmt::format("(left({}::text, 13) || '-0000-0000-000000000000')::uuid", id);
}

std::string PostgresDialect::last_of_millisecond(const std::string& id) const {
  return fmt::format("(left({}::text, 13) || '-ffff-ffff-ffffffffffff')::uuid", id);
}

std::string PostgresDialect::place(const std::string& document, const std::string& path) const {
  return fmt::format("({} #>> {})", document, path);
}

// A text that is too long counts as no number, because numeric would reject it and the statement would fail.
std::string PostgresDialect::number(const std::string& text) const {
  return fmt::format(
      R"((CASE WHEN octet_length({0}) <= {1} AND {0} COLLATE "C" ~ '^-?[0-9]+([.][0-9]+)?$' THEN {0}::numeric END))",
      text, kMostDecimalBytes);
}

std::vector<std::string> PostgresDialect::place_order(const std::string& document, const std::string& path) const {
  const std::string value = fmt::format("({} #> {})", document, path);
  const std::string kind = "jsonb_typeof" + value;
  const std::string text = place(document, path);
  return {
      fmt::format("(CASE {0} WHEN 'null' THEN 1 WHEN 'string' THEN 2 WHEN 'number' THEN 3 WHEN 'boolean' THEN (CASE "
                  "WHEN {1} = 'true'::jsonb THEN 5 ELSE 4 END) WHEN 'array' THEN (CASE WHEN {1} = '[]'::jsonb THEN 0 "
                  "ELSE 6 END) WHEN 'object' THEN 7 END)",
                  kind, value),
      fmt::format(R"((CASE {} WHEN 'string' THEN {} END COLLATE "C"))", kind, text),
      fmt::format("(CASE {} WHEN 'number' THEN {}::numeric END)", kind, text)};
}

std::string PostgresDialect::like(const std::string& text, const std::string& pattern) const {
  return fmt::format("({} LIKE {})", text, pattern);
}

std::string PostgresDialect::matches(const std::string& text, const std::string& pattern) const {
  return fmt::format("({} ~ {})", text, pattern);
}

Parameters parameters_of(const std::vector<SqlValue>& values) {
  Parameters parameters;
  for (const SqlValue& value : values) {
    if (const auto* path = std::get_if<PathValue>(&value)) {
      parameters.add(path->steps);
    } else if (const auto* decimal = std::get_if<DecimalValue>(&value)) {
      parameters.add(decimal->text);
    } else if (const auto* document = std::get_if<JsonOperand>(&value)) {
      parameters.add(Jsonb{document->text});
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      parameters.add(*text);
    } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
      parameters.add(*number);
    } else if (const auto* id = std::get_if<NotificationId>(&value)) {
      parameters.add(*id);
    } else {
      parameters.add(std::get<EpochMs>(value));
    }
  }
  return parameters;
}

}  // namespace nx::store::postgres
