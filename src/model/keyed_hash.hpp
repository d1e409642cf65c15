#pragma once
// Hash tables with keys from outside: names, ids, rooms, tokens. The hash is SipHash-2-4 under a random key of this
// process, so that nobody can choose names that collide. tools/check_hashes.py refuses every other hash table with such
// keys.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "model/ids.hpp"

namespace nx {

/// A text with its hash, so that one computation selects both a stripe and a bucket.
struct HashedText {
  explicit HashedText(std::string_view from);
  std::string_view text;
  std::size_t hash;
  friend bool operator==(std::string_view other, const HashedText& hashed) { return other == hashed.text; }
};

/// Not noexcept, because libstdc++ then stores the hash in each node instead of computing it again on every walk of a
/// bucket.
struct KeyedHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view bytes) const;
  std::size_t operator()(const HashedText& text) const { return text.hash; }
  template <class Tag>
  std::size_t operator()(const Id<Tag>& id) const {
    return (*this)(std::string_view{id.value});
  }
  template <std::size_t N>
  std::size_t operator()(const std::array<std::uint8_t, N>& bytes) const {
    return (*this)(std::string_view{reinterpret_cast<const char*>(bytes.data()), N});
  }
};

inline HashedText::HashedText(std::string_view from) : text(from), hash(KeyedHash{}(from)) {}

/// Keys: std::string, std::string_view, Id<…>, std::array of bytes. Tables of std::string can also be searched by
/// views.
template <class Key, class Value>
using KeyedMap = std::unordered_map<Key, Value, KeyedHash, std::equal_to<>>;
template <class Key>
using KeyedSet = std::unordered_set<Key, KeyedHash, std::equal_to<>>;

}  // namespace nx
