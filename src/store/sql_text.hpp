#pragma once
// SQL as text, the same in both implementations. Pure, for any thread.

#include <string>
#include <string_view>

namespace nx::store {

/// An SQL token in quotes of that kind, `"` for names and `'` for text. Only for values from the configuration or the
/// catalogue: values of messages and requests are parameters.
std::string quoted(std::string_view text, char quote);

}  // namespace nx::store
