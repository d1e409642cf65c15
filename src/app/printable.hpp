#pragma once
// Text from another program for the output of a command.

#include <string>

namespace nx::app {

/// As one line that is safe on a terminal: without control characters, which begin lines, move the cursor or begin
/// escape sequences.
inline std::string printable(std::string text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
    const bool c1 = byte == 0xc2 && next >= 0x80 && next < 0xa0;  // U+0080 to U+009F
    if (byte < 0x20 || byte == 0x7f || c1) text.replace(i, c1 ? 2 : 1, "?");
  }
  return text;
}

}  // namespace nx::app
