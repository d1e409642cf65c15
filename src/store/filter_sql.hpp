#pragma once
// A filter as one SQL statement with bound values. What differs by database is the dialect; names come from the closed
// list of fields, and nothing that a client sent is pasted.

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "store/filter.hpp"
#include "store/filter_plan.hpp"

namespace nx::store {

struct PathValue {
  std::vector<std::string> steps;
};
/// A number as decimal text, which the dialect's number() compares with.
struct DecimalValue {
  std::string text;
};
using SqlValue = std::variant<std::int64_t, std::string, NotificationId, EpochMs, JsonOperand, PathValue, DecimalValue>;

/// One walk over recipient rows, `r`.
struct FilterSide {
  std::string_view table;      // `… AS r`, with its index where the database is told by name
  std::string_view condition;  // that makes the index fit; empty for none
  /// The lowest seq that the walk begins above, an expression; empty for none.
  std::string_view above;
};

/// What a database writes in its own way. `r` are recipients, `n` notifications.
class FilterDialect {
 public:
  virtual ~FilterDialect() = default;

  virtual std::string parameter(std::size_t number) const = 0;  // from 1
  virtual std::vector<FilterSide> sides(FilterPlan::Source source) const = 0;
  /// Compared with r.user_no.
  virtual std::string_view user_no() const = 0;
  /// Joins n to r, for each row of r on its own.
  virtual std::string_view notification() const = 0;
  virtual std::string_view entry_columns() const = 0;
  /// When a row was read, below a mark too.
  virtual std::string_view read_at() const = 0;
  /// The id that all of `id`'s millisecond begin from, or end at.
  virtual std::string first_of_millisecond(const std::string& id) const = 0;
  virtual std::string last_of_millisecond(const std::string& id) const = 0;
  virtual std::string greatest(const std::string& a, std::string_view b) const = 0;

  /// By bytes, wherever texts are compared.
  virtual std::string text(const std::string& expression) const = 0;
  virtual std::string place(const std::string& document, const std::string& path) const = 0;  // as text
  virtual std::string number(const std::string& text) const = 0;  // null for text that is no plain decimal
  virtual std::string number_value(const std::string& parameter) const = 0;
  virtual std::string document(const std::string& column) const = 0;  // to be compared with a JsonOperand
  /// One or more terms for an order by what is at a place, as PostgreSQL orders jsonb; arrays, and objects, are equal
  /// among themselves.
  virtual std::vector<std::string> place_order(const std::string& document, const std::string& path) const = 0;

  virtual std::string like(const std::string& text, const std::string& pattern) const = 0;
  virtual std::string matches(const std::string& text, const std::string& pattern) const = 0;
};

struct FilterStatement {
  std::string sql;
  std::vector<SqlValue> values;
  bool has_total = false;  // the last column: how many rows match, more than kTotalLimit when there are more
};

inline constexpr std::int64_t kTotalLimit = 10'000;  // a total beyond is unknown

/// The page, one row more than asked for when there are more. `first` are the values of the parameters that the dialect
/// uses itself.
FilterStatement page_statement(const FilterDialect& dialect, const FilterRequest& request, const FilterPlan& plan,
                               bool with_total, std::vector<SqlValue> first);
/// One number; no more than `at_most` rows are counted.
FilterStatement count_statement(const FilterDialect& dialect, const FilterPlan& plan, std::int64_t at_most,
                                std::vector<SqlValue> first);

}  // namespace nx::store
