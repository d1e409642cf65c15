#pragma once
// What a client wants to see of its notifications, as a tree: which rows, in which order. Made by rest/filter_reader,
// which has checked every name and converted every value; made into SQL by filter_sql. No I/O.
//
// Conditions have three outcomes as in SQL: what is compared with null, or is null itself, is neither true nor false,
// and a row is shown only where the whole is true.

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

/// What a condition or an order looks at: a field, or a place within `data` or `extra`.
struct Subject {
  NotificationField field = NotificationField::id;
  /// Names and array indexes. Of a place the text counts, as PostgreSQL's `#>>` has it: null for JSON null and for what
  /// is not there. An empty path is the whole document.
  std::optional<std::vector<std::string>> path{};
  bool as_number = false;  // of a place: the text as a number, null when it is none
  friend bool operator==(const Subject&, const Subject&) = default;
};

/// JSON, for `data` and `extra` as a whole.
struct JsonOperand {
  std::string text;
  friend bool operator==(const JsonOperand&, const JsonOperand&) = default;
};

/// Null; for seq; for text, and for a place as a number its plain decimal text; for id; for times; for documents.
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
  std::vector<Operand> operands{};  // as many as the operation takes
  friend bool operator==(const Condition&, const Condition&) = default;
};

struct Where {
  enum class Kind { all, any, condition };
  Kind kind = Kind::all;
  std::vector<Where> parts{};  // of all and any; none of either is true
  Condition condition{};
  bool empty() const { return kind != Kind::condition && parts.empty(); }
  friend bool operator==(const Where&, const Where&) = default;
};

inline Where where_of(Condition condition) {
  return {.kind = Where::Kind::condition, .condition = std::move(condition)};
}

/// Nulls are last upwards and first downwards. Rows that are equal in all terms come newest first.
struct OrderTerm {
  Subject subject{};
  bool descending = false;
  friend bool operator==(const OrderTerm&, const OrderTerm&) = default;
};

struct FilterRequest {
  PageRequest page{};  // whose, how many, between which rows
  Where where{};
  std::vector<OrderTerm> order{};  // empty: by seq, as the page says
  bool with_total = true;
};

}  // namespace nx::store
