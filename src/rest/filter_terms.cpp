#include "rest/filter_terms.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "rest/filter_values.hpp"
#include "rest/javascript_number.hpp"

namespace nx::rest {
namespace {

using Order = std::vector<store::OrderTerm>;

/// The words of a term; words after the second are ignored, as in IGNIS.
std::vector<std::string> words_of(std::string_view term) {
  constexpr std::string_view kSpaces = " \t\n\r\f\v";
  std::vector<std::string> words;
  for (;;) {
    const auto begin = term.find_first_not_of(kSpaces);
    if (begin == std::string_view::npos) return words;
    term.remove_prefix(begin);
    const auto end = std::min(term.find_first_of(kSpaces), term.size());
    words.emplace_back(term.substr(0, end));
    term.remove_prefix(end);
  }
}

bool same_word(std::string_view a, std::string_view upper) {
  return std::equal(a.begin(), a.end(), upper.begin(), upper.end(),
                    [](char x, char y) { return (x >= 'a' && x <= 'z' ? x - 32 : x) == y; });
}

Input<store::OrderTerm> read_term(std::string_view text) {
  const std::vector<std::string> words = words_of(text);
  const std::string direction = words.size() > 1 ? words[1] : "ASC";
  const bool descending = same_word(direction, "DESC");
  if (!descending && !same_word(direction, "ASC")) {
    return bad_filter("[FilterBuilder][toOrderBy]",
                      fmt::format("Invalid direction: '{}' | Expected: 'ASC' or 'DESC'", direction));
  }
  auto subject = read_subject(words.empty() ? "" : words[0], "toOrderBy", "buildJsonOrderBy");
  if (!subject) return error_of(subject);
  return store::OrderTerm{.subject = std::move(*subject), .descending = descending};
}

Input<void> add_field(NotificationFields& fields, const std::string& name, const std::string& at) {
  const auto field = notification_field(name);
  if (!field) return bad_field(at, fmt::format("Column NOT FOUND | key: '{}'", name));
  fields.add(*field);
  return {};
}

/// The parts between commas.
std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

Input<void> check_parts(std::string_view text, const std::vector<std::string_view>& parts, const std::string& at) {
  if (text.find('\0') != std::string_view::npos) return bad_field(at, "U+0000 is in no name");
  if (parts.size() > kMostListValues) return bad_field(at, "more than 100 values");
  return {};
}

}  // namespace

Input<Order> read_order(json::View order, const std::string& at) {
  if (!order.is_array()) return bad_field(at, "Invalid input: expected array");
  Order terms;
  for (const json::View item : order.items()) {
    if (!item.is_string()) return bad_field(fmt::format("{}.{}", at, terms.size()), "Invalid input: expected string");
    auto term = read_term(item.text());
    if (!term) return error_of(term);
    terms.push_back(std::move(*term));
  }
  return terms;
}

Input<Order> read_order_parameter(std::string_view text) {
  if (text.starts_with('[')) {
    const auto document = read_filter_document(text, "order");
    if (!document) return error_of(document);
    return read_order(document->root(), "order");
  }
  const auto parts = parts_of(text);
  if (const auto right = check_parts(text, parts, "order"); !right) return error_of(right);
  Order terms;
  for (const std::string_view part : parts) {
    auto term = read_term(part);
    if (!term) return error_of(term);
    terms.push_back(std::move(*term));
  }
  return terms;
}

Input<NotificationFields> read_fields(json::View fields, const std::string& at) {
  NotificationFields chosen;
  bool any = false;
  if (fields.is_array()) {
    std::size_t place = 0;
    for (const json::View item : fields.items()) {
      const std::string here = fmt::format("{}.{}", at, place++);
      if (!item.is_string()) return bad_field(here, "Invalid input: expected string");
      if (auto added = add_field(chosen, item.text(), here); !added) return error_of(added);
      any = true;
    }
  } else if (fields.is_object()) {
    for (const json::ViewMember member : fields.members()) {
      const std::string name = member.name.text();
      std::string here = at + ".";
      here += name;
      if (member.value.kind() != json::Kind::boolean) return bad_field(here, "Invalid input: expected boolean");
      NotificationFields known;
      if (auto added = add_field(known, name, here); !added) return error_of(added);
      if (member.value.is_true()) chosen.add(*notification_field(name));
      any = true;
    }
  } else {
    return bad_field(at, "Invalid input: expected array or object");
  }
  if (!any) return NotificationFields::all();
  if (chosen.empty()) return bad_field(at, "no field is chosen");
  return chosen;
}

Input<NotificationFields> read_fields_parameter(std::string_view text) {
  if (text.starts_with('[') || text.starts_with('{')) {
    const auto document = read_filter_document(text, "fields");
    if (!document) return error_of(document);
    return read_fields(document->root(), "fields");
  }
  const auto parts = parts_of(text);
  if (const auto right = check_parts(text, parts, "fields"); !right) return error_of(right);
  if (parts.empty()) return NotificationFields::all();
  NotificationFields chosen;
  for (const std::string_view part : parts) {
    if (auto added = add_field(chosen, std::string{part}, "fields"); !added) {
      return error_of(added);
    }
  }
  return chosen;
}

Input<std::size_t> read_count(json::View number, const std::string& at, std::int64_t most) {
  const auto value = number.is_number() ? javascript_number(number.raw()) : std::nullopt;
  if (!value || std::trunc(*value) != *value || *value < 0 || *value > static_cast<double>(most)) {
    return bad_field(at, "Invalid input: expected an integer from 0 to " + std::to_string(most));
  }
  return static_cast<std::size_t>(*value);
}

}  // namespace nx::rest
