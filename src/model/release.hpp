#pragma once
// Frees the memory of a text. `text = {}` and clear() keep the buffer for later writes.

#include <string>

namespace nx {

inline void release(std::string& text) {
  std::string().swap(text);
}

}  // namespace nx
