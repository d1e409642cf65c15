#include "store/sqlite/jsonb_text.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "json/document.hpp"
#include "json/value.hpp"
#include "model/number.hpp"
#include "store/decimal.hpp"

namespace nx::store::sqlite {
namespace {

using json::View;

enum class Numbers { as_written, normal };

View item_of(View array, std::string_view step) {
  auto index = whole_number<std::size_t>(step);
  if (!index) return {};
  for (const View item : array.items()) {
    if ((*index)-- == 0) return item;
  }
  return {};
}

View value_at(View value, std::string_view path) {
  while (value && !path.empty()) {
    const std::string_view step = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(path.size(), step.size() + 1));
    value = value.is_array() ? item_of(value, step) : value.find(step);
  }
  return value;
}

std::string number_text(View number, Numbers numbers) {
  const auto plain = plain_decimal(number.raw());
  if (!plain) return std::string{number.raw()};  // outside the range that PostgreSQL stores
  return numbers == Numbers::normal ? normal_decimal(*plain) : *plain;
}

void append_value(std::string& out, View value, Numbers numbers);

void append_object(std::string& out, View object, Numbers numbers) {
  std::vector<std::pair<std::string, View>> members;
  for (const json::ViewMember member : object.members()) members.emplace_back(member.name.text(), member.value);
  std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) {
    return a.first.size() != b.first.size() ? a.first.size() < b.first.size() : a.first < b.first;
  });
  out += '{';
  for (const auto& [name, value] : members) {
    if (out.back() != '{') out += ", ";
    json::append_string(out, name);
    out += ": ";
    append_value(out, value, numbers);
  }
  out += '}';
}

void append_value(std::string& out, View value, Numbers numbers) {
  switch (value.kind()) {
    case json::Kind::null:
      out += "null";
      return;
    case json::Kind::boolean:
      out += value.is_true() ? "true" : "false";
      return;
    case json::Kind::number:
      out += number_text(value, numbers);
      return;
    case json::Kind::string:
      return json::append_string(out, value.text());
    case json::Kind::array: {
      bool first = true;
      out += '[';
      for (const View item : value.items()) {
        if (!std::exchange(first, false)) out += ", ";
        append_value(out, item, numbers);
      }
      out += ']';
      return;
    }
    case json::Kind::object:
      return append_object(out, value, numbers);
  }
}

}  // namespace

std::optional<std::string> text_at(std::string_view document, std::string_view path) {
  const auto read = json::Document::read(document);
  if (!read) return std::nullopt;
  const View value = value_at(read->root(), path);
  if (!value || value.is_null()) return std::nullopt;
  if (value.is_string()) return value.text();
  std::string text;
  append_value(text, value, Numbers::as_written);
  return text;
}

std::string equal_text(std::string_view document) {
  const auto read = json::Document::read(document);
  std::string text;
  if (read) append_value(text, read->root(), Numbers::normal);
  return text;
}

std::optional<std::string> order_at(std::string_view document, std::string_view path) {
  const auto read = json::Document::read(document);
  if (!read) return std::nullopt;
  const View value = value_at(read->root(), path);
  if (!value) return std::nullopt;
  switch (value.kind()) {
    case json::Kind::null:
      return "1";
    case json::Kind::string:
      return "2" + value.text();
    case json::Kind::number:
      return "3" + decimal_order(number_text(value, Numbers::normal));
    case json::Kind::boolean:
      return value.is_true() ? "5" : "4";
    case json::Kind::array:
      return value.items().begin() == value.items().end() ? "0" : "6";
    case json::Kind::object:
      break;
  }
  return "7";
}

}  // namespace nx::store::sqlite
