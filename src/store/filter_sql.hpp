#pragma once
// A filter as one SQL statement with bound values. Differences between databases are in the dialect. Names are taken
// from the closed list of fields; text from a client never becomes part of the SQL.

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
/// A number as decimal text, compared with the dialect's number().
struct DecimalValue {
  std::string text;
};
using SqlValue = std::variant<std::int64_t, std::string, NotificationId, EpochMs, JsonOperand, PathValue, DecimalValue>;

/// One scan of recipient rows, `r`.
struct FilterSide {
  std::string_view table;      // `… AS r`, with its index where the dialect has to name it
  std::string_view condition;  // makes the index applicable; may be empty
  /// An SQL expression: the scan begins above this seq; may be empty.
  std::string_view above;
};

/// The SQL that differs between databases. `r` is the recipients table, `n` the notifications table.
class FilterDialect {
 public:
  virtual ~FilterDialect() = default;

  virtual std::string parameter(std::size_t number) const = 0;  // from 1
  virtual std::vector<FilterSide> sides(FilterPlan::Source source) const = 0;
  /// An expression to compare with r.user_no.
  virtual std::string_view user_no() const = 0;
  /// Joins n to r, separately for each row of r.
  virtual std::string_view notification() const = 0;
  virtual std::string_view entry_columns() const = 0;
  /// The time at which a row was read, also for a row below a mark.
  virtual std::string_view read_at() const = 0;
  /// The lowest id of the millisecond of `id`, or the highest.
  virtual std::string first_of_millisecond(const std::string& id) const = 0;
  virtual std::string last_of_millisecond(const std::string& id) const = 0;
  virtual std::string greatest(const std::string& a, std::string_view b) const = 0;

  /// Compared by bytes, as all texts are.
  virtual std::string text(const std::string& expression) const = 0;
  virtual std::string place(const std::string& document, const std::string& path) const = 0;  // as text
  virtual std::string number(const std::string& text) const = 0;  // null for text that is not a plain decimal
  virtual std::string number_value(const std::string& parameter) const = 0;
  virtual std::string document(const std::string& column) const = 0;  // can be compared with a JsonOperand
  /// One or more order terms for the value at a place, in PostgreSQL's order of jsonb; all arrays are equal to each
  /// other, and so are all objects.
  virtual std::vector<std::string> place_order(const std::string& document, const std::string& path) const = 0;

  virtual std::string like(const std::string& text, const std::string& pattern) const = 0;
  virtual std::string matches(const std::string& text, const std::string& pattern) const = 0;
};

struct FilterStatement {
  std::string sql;
  std::vector<SqlValue> values;
  // the last column: the number of rows that match, or a number above kTotalLimit when there are more
  bool has_total = false;
};

inline constexpr std::int64_t kTotalLimit = 10'000;  // a larger total is reported as unknown

/// The page, with one extra row when there are more. `first` holds the values of the parameters that the dialect itself
/// uses.
FilterStatement page_statement(const FilterDialect& dialect, const FilterRequest& request, const FilterPlan& plan,
                               bool with_total, std::vector<SqlValue> first);
/// Returns one number; at most `at_most` rows are counted.
FilterStatement count_statement(const FilterDialect& dialect, const FilterPlan& plan, std::int64_t at_most,
                                std::vector<SqlValue> first);

}  // namespace nx::store
