#pragma once
// PostgreSQL's dialect of the SQL of filters. $1 is the user's id.

#include "store/filter_sql.hpp"
#include "store/postgres/parameters.hpp"
#include "store/postgres/statements.hpp"

namespace nx::store::postgres {

class PostgresDialect final : public FilterDialect {
 public:
  explicit PostgresDialect(const FilterParts& parts);  // borrowed
  std::string parameter(std::size_t number) const override { return "$" + std::to_string(number); }
  std::vector<FilterSide> sides(FilterPlan::Source source) const override;
  std::string_view user_no() const override { return parts_.user_no; }
  std::string_view notification() const override { return parts_.notification; }
  std::string_view entry_columns() const override { return parts_.entry_columns; }
  std::string_view read_at() const override { return parts_.read_at; }
  std::string first_of_millisecond(const std::string& id) const override;
  std::string last_of_millisecond(const std::string& id) const override;
  std::string greatest(const std::string& a, std::string_view b) const override;
  std::string text(const std::string& expression) const override { return "(" + expression + R"( COLLATE "C"))"; }
  std::string place(const std::string& document, const std::string& path) const override;
  std::string number(const std::string& text) const override;
  std::string number_value(const std::string& parameter) const override { return "(" + parameter + "::numeric)"; }
  std::string document(const std::string& column) const override { return column; }
  std::vector<std::string> place_order(const std::string& document, const std::string& path) const override;
  std::string like(const std::string& text, const std::string& pattern) const override;
  std::string matches(const std::string& text, const std::string& pattern) const override;

 private:
  const FilterParts& parts_;
};

Parameters parameters_of(const std::vector<SqlValue>& values);

}  // namespace nx::store::postgres
