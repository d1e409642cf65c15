#include "rest/operator_reader.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "rest/filter_values.hpp"
#include "store/pattern.hpp"

namespace nx::rest {
namespace {

using store::Condition;
using store::Operation;
using store::Subject;

enum class Form { equality, comparison, pattern, expression, list, range, array, refused };

struct Operator {
  std::string_view name;
  Form form;
  Operation operation;
};

// exists, notExists, not, and, or are reserved names of operators without a meaning, as in IGNIS.
constexpr std::array kOperators = std::to_array<Operator>({
    {"eq", Form::equality, Operation::equal},
    {"ne", Form::equality, Operation::not_equal},
    {"neq", Form::equality, Operation::not_equal},
    {"is", Form::equality, Operation::equal},
    {"isn", Form::equality, Operation::not_equal},
    {"gt", Form::comparison, Operation::greater},
    {"gte", Form::comparison, Operation::at_least},
    {"lt", Form::comparison, Operation::less},
    {"lte", Form::comparison, Operation::at_most},
    {"like", Form::pattern, Operation::like},
    {"nlike", Form::pattern, Operation::not_like},
    {"ilike", Form::pattern, Operation::ilike},
    {"nilike", Form::pattern, Operation::not_ilike},
    {"regexp", Form::expression, Operation::matches},
    {"iregexp", Form::expression, Operation::matches},
    {"in", Form::list, Operation::in},
    {"inq", Form::list, Operation::in},
    {"nin", Form::list, Operation::not_in},
    {"between", Form::range, Operation::between},
    {"notBetween", Form::range, Operation::not_between},
    {"contains", Form::array, Operation::always},
    {"containedBy", Form::array, Operation::equal},
    {"overlaps", Form::array, Operation::never},
    {"exists", Form::refused, Operation::never},
    {"notExists", Form::refused, Operation::never},
    {"not", Form::refused, Operation::never},
    {"and", Form::refused, Operation::never},
    {"or", Form::refused, Operation::never},
});

const Operator* find_operator(std::string_view name) {
  const auto found =
      std::find_if(kOperators.begin(), kOperators.end(), [name](const Operator& known) { return known.name == name; });
  return found == kOperators.end() ? nullptr : &*found;
}

bool is_empty(json::View container) {
  return container.is_array() ? container.items().begin() == container.items().end()
                              : container.members().begin() == container.members().end();
}

tl::unexpected<BadInput> bad_operator(const std::string& name, const std::string& field, const std::string& why = {}) {
  return tl::unexpected<BadInput>(
      {400, "",
       fmt::format("[FilterBuilder][buildOperatorConditions] Invalid query operator | operator: '{}' | key: '{}'{}",
                   name, field, why)});
}

bool takes_text(const Subject& subject) {
  const ValueKind kind = kind_of(subject);
  return kind == ValueKind::text || kind == ValueKind::place;
}

Input<Condition> with_operand(Operation operation, json::View value, const Subject& subject, const std::string& field) {
  auto operand = read_operand(value, subject, field);
  if (!operand) return error_of(operand);
  return Condition{.operation = operation, .subject = subject, .operands = {std::move(*operand)}};
}

Input<Condition> read_equality(Operation operation, json::View value, const Subject& subject,
                               const std::string& field) {
  if (!value.is_null()) return with_operand(operation, value, subject, field);
  return Condition{.operation = operation == Operation::equal ? Operation::is_null : Operation::not_null,
                   .subject = subject};
}

Input<Condition> read_range(const Operator& op, json::View value, const Subject& subject, const std::string& field) {
  if (!value.is_array() || value.items().count() != 2) {
    return bad_value(field, std::string{op.name} + " with a list of 2 values");
  }
  Condition condition{.operation = op.operation, .subject = subject};
  for (const json::View end : value.items()) {
    auto operand = read_operand(end, subject, field);
    if (!operand) return error_of(operand);
    condition.operands.push_back(std::move(*operand));
  }
  return condition;
}

Input<Condition> read_pattern(const Operator& op, json::View value, const Subject& subject, const std::string& field) {
  if (!takes_text(subject))
    return bad_operator(std::string{op.name}, field, " | Expected: a field of text, or a place");
  auto text = read_pattern_text(value, field);
  if (!text) return error_of(text);
  Condition condition{.operation = op.operation, .subject = subject, .operands = {store::Operand{}}};
  if (!*text) return condition;
  if (op.form == Form::pattern) {
    if (const auto right = store::check_like(**text); !right) return bad_value(field, right.error().message);
    condition.operands.front() = std::move(**text);
    return condition;
  }
  auto pattern =
      store::portable_pattern(**text, op.name == "regexp" ? store::Case::sensitive : store::Case::insensitive);
  if (!pattern) return bad_value(field, "a regular expression; this one has " + pattern.error().message);
  condition.operands.front() = std::move(*pattern);
  return condition;
}

/// No field is a list, so only operators that need no list are answered.
Input<Condition> read_array(const Operator& op, json::View value, const Subject& subject, const std::string& field) {
  const bool nothing = value.is_array() && is_empty(value);
  if (nothing && op.operation != Operation::equal) return Condition{.operation = op.operation, .subject = subject};
  if (nothing && takes_text(subject)) {
    return Condition{.operation = op.operation, .subject = subject, .operands = {std::string{"{}"}}};
  }
  return bad_operator(std::string{op.name}, field, " | Expected: an array column, and there is none");
}

}  // namespace

bool is_operators(json::View value) {
  if (!value.is_object() || is_empty(value)) return false;
  for (const json::ViewMember member : value.members()) {
    if (find_operator(member.name.text()) == nullptr) return false;
  }
  return true;
}

tl::unexpected<BadInput> unknown_operator(json::View value, const std::string& field) {
  for (const json::ViewMember member : value.members()) {
    const std::string name = member.name.text();
    if (find_operator(name) == nullptr) return bad_operator(name, field);
  }
  return bad_value(field, "a value");
}

Input<bool> compares_numbers(json::View operators, const std::string& field) {
  bool numbers = false;
  for (const json::ViewMember member : operators.members()) {
    const Operator* op = find_operator(member.name.text());
    if (op == nullptr) continue;
    if (op->form == Form::comparison && member.value.is_number()) numbers = true;
    if (op->form != Form::range) continue;
    if (!member.value.is_array() || member.value.items().count() != 2) {
      return bad_value(field, std::string{op->name} + " with a list of 2 values");
    }
    bool both = true;
    for (const json::View end : member.value.items()) both = both && end.is_number();
    numbers = numbers || both;
  }
  return numbers;
}

Input<Condition> read_list(json::View list, const Subject& subject, const std::string& field, Operation operation) {
  if (is_empty(list)) {
    return Condition{.operation = operation == Operation::in ? Operation::never : Operation::always,
                     .subject = subject};
  }
  Condition condition{.operation = operation, .subject = subject};
  for (const json::View item : list.items()) {
    auto operand = read_operand(item, subject, field);
    if (!operand) return error_of(operand);
    condition.operands.push_back(std::move(*operand));
  }
  return condition;
}

Input<Condition> read_operator(const std::string& name, json::View value, const Subject& subject,
                               const std::string& field) {
  const Operator* op = find_operator(name);
  if (op == nullptr) return bad_operator(name, field);
  const bool document = kind_of(subject) == ValueKind::document;
  switch (op->form) {
    case Form::equality:
      return read_equality(op->operation, value, subject, field);
    case Form::comparison:
      if (document) break;
      return with_operand(op->operation, value, subject, field);
    case Form::range:
      if (document) break;
      return read_range(*op, value, subject, field);
    case Form::pattern:
    case Form::expression:
      return read_pattern(*op, value, subject, field);
    case Form::list:
      if (value.is_array()) return read_list(value, subject, field, op->operation);
      return with_operand(op->operation == Operation::in ? Operation::equal : Operation::not_equal, value, subject,
                          field);
    case Form::array:
      return read_array(*op, value, subject, field);
    case Form::refused:
      return bad_operator(name, field);
  }
  return bad_operator(name, field, " | Expected: a place within it");
}

}  // namespace nx::rest
