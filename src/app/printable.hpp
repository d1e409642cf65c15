#pragma once
// Text from another program for the output of a command.

#include <algorithm>
#include <string>

namespace nx::app {

/// As one line that is safe on a terminal.
inline std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return text;
}

}  // namespace nx::app
