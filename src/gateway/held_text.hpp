#pragma once
// The memory that the text of an HTTP request or answer occupies. A small buffer that is kept for the next request does
// not count.

#include <cstddef>
#include <string>

namespace nx::gateway {

inline constexpr std::size_t kKeptCapacity = 1'024;  // bytes

/// Bytes of memory that `text` occupies, independent of its length.
inline std::size_t held_by(const std::string& text) {
  return text.capacity() > kKeptCapacity ? text.capacity() : text.size();
}

/// Releases the capacity that a large request needed when only a little of it is still used.
inline void give_back(std::string& text) {
  if (text.capacity() > kKeptCapacity && text.size() <= kKeptCapacity) text.shrink_to_fit();
}

}  // namespace nx::gateway
