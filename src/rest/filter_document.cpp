#include <fmt/core.h>

#include "rest/filter_reader.hpp"
#include "rest/filter_terms.hpp"
#include "rest/javascript_number.hpp"

namespace nx::rest {
namespace {

Input<void> check(json::View value, const std::string& at);

Input<void> check_items(json::View list, const std::string& at) {
  std::size_t place = 0;
  for (const json::View item : list.items()) {
    if (place == kMostListValues) return bad_field(at, "more than 100 values");
    if (auto right = check(item, fmt::format("{}.{}", at, place++)); !right) return right;
  }
  return {};
}

Input<void> check(json::View value, const std::string& at) {
  switch (value.kind()) {
    case json::Kind::string:
      return value.has_nul() ? bad_field(at, "U+0000 can be neither stored nor looked for") : Input<void>();
    case json::Kind::number:
      return javascript_number(value.raw()) ? Input<void>() : bad_field(at, "a number out of range");
    case json::Kind::array:
      return check_items(value, at);
    case json::Kind::object:
      for (const json::ViewMember member : value.members()) {
        if (member.name.has_nul()) return bad_field(at, "a name with U+0000");
        if (auto right = check(member.value, fmt::format("{}.{}", at, member.name.text())); !right) return right;
      }
      return {};
    default:
      return {};
  }
}

}  // namespace

Input<json::Document> read_filter_document(std::string_view text, const std::string& at) {
  if (text.size() > kMostFilterBytes) return bad_field(at, "longer than 4096 bytes");
  if (text.empty()) return bad_field(at, "Invalid input: expected object, received nothing");
  auto document = json::Document::read(text);
  if (!document)
    return tl::unexpected<BadInput>({400, "", fmt::format("JSON Parse error: {}: {}", at, document.error().message)});
  if (const auto right = check(document->root(), at); !right) return error_of(right);
  return std::move(*document);
}

}  // namespace nx::rest
