#pragma once
// Lists in text, with commas between the items. Views are parts of the text. Pure, for any thread.

#include <string_view>
#include <vector>

namespace nx {

/// Without the spaces at both ends.
std::string_view without_spaces(std::string_view text);

/// Takes the first item and the comma behind it off `rest`. For a loop until `rest` is empty: nothing behind the last
/// comma is no item there.
std::string_view take_list_item(std::string_view& rest);

/// All items as they stand, empty ones too: one more than there are commas.
std::vector<std::string_view> split_list(std::string_view text);

/// The items without the spaces around them, those that are empty left out.
std::vector<std::string_view> list_items(std::string_view text);

}  // namespace nx
