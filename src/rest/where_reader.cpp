#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "rest/filter_terms.hpp"
#include "rest/filter_values.hpp"
#include "rest/operator_reader.hpp"

namespace nx::rest {
namespace {

using store::Condition;
using store::Operation;
using store::Subject;
using store::Where;

constexpr std::string_view kMethod = "toWhere", kJsonMethod = "buildJsonWhereCondition";

/// A value without an operator: null, a list of alternatives, or equality.
Input<Condition> read_value(json::View value, const Subject& subject, const std::string& name) {
  if (value.is_null()) return Condition{.operation = Operation::is_null, .subject = subject};
  if (value.is_array()) return read_list(value, subject, name, Operation::in);
  if (value.is_object() && subject.path && value.members().begin() != value.members().end()) {
    return unknown_operator(value, name);
  }
  if (value.is_object() && kind_of(subject) != ValueKind::document && !subject.path) {
    return value.members().begin() == value.members().end() ? bad_value(name, "a value")
                                                            : unknown_operator(value, name);
  }
  auto operand = read_operand(value, subject, name);
  if (!operand) return error_of(operand);
  return Condition{.operation = Operation::equal, .subject = subject, .operands = {std::move(*operand)}};
}

class WhereReader {
 public:
  Input<Where> read(json::View where, const std::string& at, std::size_t level) {
    if (!where.is_object()) return bad_field(at, "Invalid input: expected object");
    if (level > kMostLevels) return bad_field(at, "more than 8 levels of and, or");
    Where all;
    for (const json::ViewMember member : where.members()) {
      const std::string name = member.name.text();
      const bool group = name == "and" || name == "or";
      auto done = group ? read_group(member.value, at, name, level, all) : read_member(member.value, name, all);
      if (!done) return error_of(done);
    }
    return all;
  }

 private:
  /// Empty groups exclude no row, even with `or`.
  Input<void> read_group(json::View list, const std::string& outer, const std::string& name, std::size_t level,
                         Where& all) {
    std::string at = outer + ".";
    at += name;
    if (!list.is_array()) return bad_field(at, "Invalid input: expected array");
    Where group{.kind = name == "and" ? Where::Kind::all : Where::Kind::any};
    std::size_t place = 0;
    for (const json::View item : list.items()) {
      auto part = read(item, fmt::format("{}.{}", at, place++), level + 1);
      if (!part) return error_of(part);
      if (!part->empty()) group.parts.push_back(std::move(*part));
    }
    if (!group.empty()) all.parts.push_back(std::move(group));
    return {};
  }

  Input<void> read_member(json::View value, const std::string& name, Where& all) {
    auto subject = read_subject(name, kMethod, kJsonMethod);
    if (!subject) return error_of(subject);
    if (!is_operators(value)) {
      if (subject->path) subject->as_number = value.is_number();
      auto condition = read_value(value, *subject, name);
      if (!condition) return error_of(condition);
      all.parts.push_back(where_of(std::move(*condition)));
      return {};
    }
    if (subject->path) {
      const auto numeric = compares_numbers(value, name);
      if (!numeric) return error_of(numeric);
      subject->as_number = *numeric;
    }
    for (const json::ViewMember member : value.members()) {
      auto condition = read_operator(member.name.text(), member.value, *subject, name);
      if (!condition) return error_of(condition);
      all.parts.push_back(where_of(std::move(*condition)));
    }
    return {};
  }
};

}  // namespace

Input<Where> read_where(json::View where, const std::string& at) {
  return WhereReader().read(where, at, 0);
}

}  // namespace nx::rest
