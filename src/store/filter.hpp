#pragma once
// A client's filter of its notifications as a tree: which rows, in which order. rest/filter_reader makes it after it
// has checked every name and converted every value; filter_sql turns it into SQL. No I/O.
//
// Conditions have three outcomes, as in SQL: a condition on null is neither true nor false. A row is shown only if the
// whole filter is true.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/ids.hpp"
#include "model/notification_field.hpp"
#include "model/time.hpp"
#include "store/activity_notification_repository.hpp"

namespace nx::store {

/// The left side of a condition or the key of an order: a field, or a place within `data` or `extra`.
struct Subject {
  NotificationField field = NotificationField::id;
  /// Names and array indexes. The value of a place is its text, as PostgreSQL's `#>>` gives it: null for JSON null and
  /// for a missing place. An empty path is the whole document.
  std::optional<std::vector<std::string>> path{};
  bool as_number = false;  // for a place: its text as a number, null if the text is not a number
  friend bool operator==(const Subject&, const Subject&) = default;
};

/// JSON, for `data` and `extra` as a whole.
struct JsonOperand {
  std::string text;
  friend bool operator==(const JsonOperand&, const JsonOperand&) = default;
};

/// In this order: null; seq; text, or the plain decimal text of a place as a number; id; a time; a document.
using Operand = std::variant<std::monostate, std::int64_t, std::string, NotificationId, EpochMs, JsonOperand>;

enum class Operation {
  always,
  never,
  is_null,
  not_null,
  equal,
  not_equal,
  less,
  at_most,
  greater,
  at_least,
  in,
  not_in,
  between,
  not_between,
  like,
  not_like,
  ilike,
  not_ilike,
  matches,  // a portable pattern (pattern.hpp)
};

struct Condition {
  Operation operation = Operation::always;
  Subject subject{};
  std::vector<Operand> operands{};  // as many as the operation needs
  friend bool operator==(const Condition&, const Condition&) = default;
};

struct Where {
  enum class Kind { all, any, condition };
  Kind kind = Kind::all;
  std::vector<Where> parts{};  // for all and any; with no parts either is true
  Condition condition{};
  bool empty() const { return kind != Kind::condition && parts.empty(); }
  friend bool operator==(const Where&, const Where&) = default;
};

inline Where where_of(Condition condition) {
  return {.kind = Where::Kind::condition, .condition = std::move(condition)};
}

/// Nulls are last in ascending order and first in descending order. Rows that are equal in all terms are sorted newest
/// first.
struct OrderTerm {
  Subject subject{};
  bool descending = false;
  friend bool operator==(const OrderTerm&, const OrderTerm&) = default;
};

struct FilterRequest {
  PageRequest page{};  // user, limit, and the range of rows
  Where where{};
  std::vector<OrderTerm> order{};  // empty: by seq, in the direction of the page
  bool with_total = true;
};

}  // namespace nx::store
