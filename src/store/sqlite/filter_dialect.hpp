#pragma once
// SQLite's dialect of the SQL of filters. ?1 is the user's number.

#include "store/filter_sql.hpp"
#include "store/sqlite/connection.hpp"

namespace nx::store::sqlite {

class SqliteDialect final : public FilterDialect {
 public:
  std::string parameter(std::size_t number) const override { return "?" + std::to_string(number); }
  std::vector<FilterSide> sides(FilterPlan::Source source) const override;
  std::string_view user_no() const override { return "?1"; }
  std::string_view notification() const override;
  std::string_view entry_columns() const override;
  std::string_view read_at() const override;
  std::string first_of_millisecond(const std::string& id) const override;
  std::string last_of_millisecond(const std::string& id) const override;
  std::string greatest(const std::string& a, std::string_view b) const override;
  std::string text(const std::string& expression) const override { return expression; }
  std::string place(const std::string& document, const std::string& path) const override;
  std::string number(const std::string& text) const override { return "signal_number(" + text + ")"; }
  std::string number_value(const std::string& parameter) const override { return parameter; }
  std::string document(const std::string& column) const override { return "signal_document(" + column + ")"; }
  std::vector<std::string> place_order(const std::string& document, const std::string& path) const override;
  std::string like(const std::string& text, const std::string& pattern) const override;
  std::string matches(const std::string& text, const std::string& pattern) const override;
};

std::vector<Value> values_of(const std::vector<SqlValue>& values);

}  // namespace nx::store::sqlite
