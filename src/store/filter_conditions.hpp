#pragma once
// The conditions of a filter as SQL expressions; part of filter_sql.

#include <string>
#include <vector>

#include "store/filter_sql.hpp"

namespace nx::store {

class FilterConditions {
 public:
  FilterConditions(const FilterDialect& dialect, std::vector<SqlValue> first)
      : dialect_(dialect), values_(std::move(first)) {}

  std::string bind(SqlValue value);
  std::string where(const Where& where);
  /// Expressions to sort by for this term.
  std::vector<std::string> order(const Subject& subject);

  bool needs_notification() const { return needs_notification_; }
  std::vector<SqlValue> take_values() { return std::move(values_); }

 private:
  std::string column(NotificationField field);
  std::string expression(const Subject& subject);
  std::string value(const Subject& subject, const Operand& operand);
  std::string list(const Condition& condition);
  std::string like(const Condition& condition, const std::string& text);
  std::string folded(const Condition& condition, std::string text);
  std::string condition(const Condition& condition);

  const FilterDialect& dialect_;
  std::vector<SqlValue> values_;
  bool needs_notification_ = false;
};

}  // namespace nx::store
