#include "rest/filter_values.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "model/number.hpp"
#include "model/uuid.hpp"
#include "rest/javascript_number.hpp"
#include "store/decimal.hpp"

namespace nx::rest {
namespace {

using store::Operand;
using store::Subject;

constexpr std::int64_t kEarliest = -62'167'219'200'000, kLatest = 253'402'300'799'999;  // the years 0000 to 9999

bool is_document(NotificationField field) {
  return field == NotificationField::data || field == NotificationField::extra;
}

/// Names and array indexes, separated by dots and brackets.
std::vector<std::string> steps_of(std::string_view name) {
  std::vector<std::string> steps;
  while (!name.empty()) {
    const auto end = std::min(name.find_first_of(".[]"), name.size());
    if (end > 0) steps.emplace_back(name.substr(0, end));
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  return steps;
}

/// An identifier, which may contain hyphens, or an index.
bool is_step(std::string_view step) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (std::all_of(step.begin(), step.end(), digit)) return true;
  return letter(step.front()) &&
         std::all_of(step.begin(), step.end(), [&](char c) { return letter(c) || digit(c) || c == '-'; });
}

std::optional<double> number_of(json::View value) {
  return value.is_number() ? javascript_number(value.raw()) : std::nullopt;
}

/// The text that JavaScript writes for a scalar.
std::optional<std::string> scalar_text(json::View value) {
  switch (value.kind()) {
    case json::Kind::string:
      return value.text();
    case json::Kind::boolean:
      return value.is_true() ? "true" : "false";
    case json::Kind::number:
      if (const auto number = number_of(value)) return javascript_text(*number);
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

std::optional<EpochMs> time_of(json::View value) {
  if (value.is_string()) return parse_iso8601(value.text());
  const auto number = number_of(value);
  if (!number || std::trunc(*number) != *number) return std::nullopt;
  if (*number < static_cast<double>(kEarliest) || *number > static_cast<double>(kLatest)) return std::nullopt;
  return EpochMs{static_cast<std::int64_t>(*number)};
}

Input<Operand> place_operand(json::View value, const std::string& name) {
  if (value.is_object() && value.members().begin() == value.members().end()) return Operand{std::string{"{}"}};
  auto text = scalar_text(value);
  if (!text) return bad_value(name, "text, a number, true, false or null");
  return Operand{std::move(*text)};
}

}  // namespace

ValueKind kind_of(const Subject& subject) {
  if (subject.path) return subject.as_number ? ValueKind::place_number : ValueKind::place;
  switch (kind_of_field(subject.field)) {
    case FieldKind::id:
      return ValueKind::id;
    case FieldKind::integer:
      return ValueKind::integer;
    case FieldKind::text:
      return ValueKind::text;
    case FieldKind::time:
      return ValueKind::time;
    case FieldKind::document:
      return ValueKind::document;
  }
  return ValueKind::text;
}

tl::unexpected<BadInput> bad_filter(std::string_view method, std::string_view problem) {
  return tl::unexpected<BadInput>({400, "", fmt::format("{} Table: ActivityNotification | {}", method, problem)});
}

tl::unexpected<BadInput> bad_value(const std::string& name, std::string_view expected) {
  return bad_filter("[FilterBuilder][toWhere]",
                    fmt::format("Invalid value | key: '{}' | Expected: {}", name, expected));
}

Input<Subject> read_subject(const std::string& name, std::string_view method, std::string_view json_method) {
  const std::string plain = fmt::format("[FilterBuilder][{}]", method);
  if (name.find_first_of(".[") == std::string::npos) {
    const auto field = notification_field(name);
    if (!field) return bad_filter(plain, fmt::format("Column NOT FOUND | key: '{}'", name));
    return Subject{.field = *field, .path = {}, .as_number = false};
  }
  const std::string json_plain = fmt::format("[FilterBuilder][{}]", json_method);
  const std::string json = fmt::format("[FilterBuilder.{}]", json_method);
  std::vector<std::string> steps = steps_of(name);
  const std::string column = steps.empty() ? name : steps.front();
  const auto field = notification_field(column);
  if (!field) return bad_filter(json_plain, fmt::format("Column NOT FOUND | key: '{}'", column));
  if (!is_document(*field)) {
    const char* type =
        kind_of({.field = *field, .path = {}, .as_number = false}) == ValueKind::integer ? "number" : "string";
    return bad_filter(json, fmt::format("Column '{}' is not JSON/JSONB type | dataType: '{}'", column, type));
  }
  steps.erase(steps.begin());
  for (const std::string& step : steps) {
    if (!is_step(step)) return bad_filter(json, fmt::format("Invalid JSON path component: '{}'", step));
  }
  return Subject{.field = *field, .path = std::move(steps), .as_number = false};
}

Input<Operand> read_operand(json::View value, const Subject& subject, const std::string& name) {
  if (value.is_null()) return Operand{};
  switch (kind_of(subject)) {
    case ValueKind::id: {
      const auto bytes = value.is_string() ? parse_uuid(value.text()) : std::nullopt;
      if (!bytes) return bad_value(name, "a notification id");
      return Operand{NotificationId{*bytes}};
    }
    case ValueKind::integer: {
      const bool right = value.is_string() || value.is_number();
      const auto number = right ? whole_number<std::int64_t>(scalar_text(value).value_or("")) : std::nullopt;
      if (!number) return bad_value(name, "an integer");
      return Operand{*number};
    }
    case ValueKind::text: {
      auto text = scalar_text(value);
      if (!text) return bad_value(name, "text");
      return Operand{std::move(*text)};
    }
    case ValueKind::time: {
      const auto time = time_of(value);
      if (!time) return bad_value(name, "a time as ISO 8601 with a zone, or as milliseconds since 1970");
      return Operand{*time};
    }
    case ValueKind::document:
      return Operand{store::JsonOperand{json::write(value)}};
    case ValueKind::place:
      return place_operand(value, name);
    case ValueKind::place_number: {
      auto decimal =
          value.kind() == json::Kind::boolean ? std::nullopt : store::plain_decimal(scalar_text(value).value_or(""));
      if (!decimal) return bad_value(name, "a number");
      return Operand{std::move(*decimal)};
    }
  }
  return Operand{};
}

Input<std::optional<std::string>> read_pattern_text(json::View value, const std::string& name) {
  if (value.is_null()) return std::optional<std::string>{};
  auto text = scalar_text(value);
  if (!text) return bad_value(name, "a pattern");
  return text;
}

}  // namespace nx::rest
