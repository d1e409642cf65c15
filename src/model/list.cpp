#include "model/list.hpp"

#include <algorithm>

namespace nx {

std::string_view without_spaces(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::string_view take_list_item(std::string_view& rest) {
  const std::size_t comma = std::min(rest.find(','), rest.size());
  const std::string_view item = rest.substr(0, comma);
  rest.remove_prefix(std::min(comma + 1, rest.size()));
  return item;
}

std::vector<std::string_view> split_list(std::string_view text) {
  std::vector<std::string_view> items;
  for (;;) {
    const bool last = text.find(',') == std::string_view::npos;
    items.push_back(take_list_item(text));
    if (last) return items;
  }
}

std::vector<std::string_view> list_items(std::string_view text) {
  std::vector<std::string_view> items;
  while (!text.empty()) {
    const std::string_view item = without_spaces(take_list_item(text));
    if (!item.empty()) items.push_back(item);
  }
  return items;
}

}  // namespace nx
