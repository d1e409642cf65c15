#pragma once
// Gives a text's memory back. `text = {}` and clear() do not: the buffer stays, for what may be written next.

#include <string>

namespace nx {

inline void release(std::string& text) {
  std::string().swap(text);
}

}  // namespace nx
