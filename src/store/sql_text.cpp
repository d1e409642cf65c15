#include "store/sql_text.hpp"

namespace nx::store {

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    out += c;
    if (c == quote) out += quote;
  }
  return out += quote;
}

}  // namespace nx::store
