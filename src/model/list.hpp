#pragma once
// Lists in text, with commas between the items. Views are parts of the text. Pure, for any thread.

#include <string_view>
#include <vector>

namespace nx {

/// Removes the spaces at both ends.
std::string_view without_spaces(std::string_view text);

/// Removes the first item and the comma after it from `rest`. For a loop until `rest` is empty; such a loop sees no
/// item after a trailing comma.
std::string_view take_list_item(std::string_view& rest);

/// All items unchanged, including empty ones: one more than there are commas.
std::vector<std::string_view> split_list(std::string_view text);

/// The items without surrounding spaces; empty items are omitted.
std::vector<std::string_view> list_items(std::string_view text);

}  // namespace nx
