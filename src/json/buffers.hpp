#pragma once
// The buffers of a Document, which each thread keeps for the next one. Only document.cpp and read.cpp include this
// file.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "json/document.hpp"

namespace nx::json {

/// One value or member name. Children follow their container; a member is its name followed by its value.
struct Node {
  static constexpr std::uint8_t kEscaped = 1;   // has a backslash
  static constexpr std::uint8_t kNul = 2;       // has U+0000
  static constexpr std::uint8_t kCut = 4;       // had a lone surrogate
  static constexpr std::uint8_t kRepeated = 8;  // a name that occurs again in this object
  static constexpr std::uint8_t kMarked = 16;   // an object whose repeated names are marked
  std::uint32_t begin;                          // offset in the text
  std::uint32_t end;
  std::uint32_t next;  // index of the node after this one and its children
  Kind kind;
  std::uint8_t flags;
};
static_assert(sizeof(Node) == 16);

struct Parser;  // simdjson's parser, defined in read.cpp
struct DeleteParser {
  void operator()(Parser* parser) const;
};

struct Buffers {
  std::string text;  // followed by simdjson's padding
  std::vector<Node> nodes;
  std::unique_ptr<Parser, DeleteParser> parser;
  std::vector<std::uint64_t> table;  // hash table; half a hash and the index of the name in each slot
  Summary summary;

  std::string_view slice(const Node& node) const {
    return std::string_view(text).substr(node.begin, node.end - node.begin);
  }
};

/// Fills the buffers; the error is that of Document::read().
Result<void> read_into(Buffers& buffers, std::string_view text, ReadLimits limits);

/// Marks each name that occurs again in the object at `at`, in one pass. Does nothing the second time.
void mark_repeated(Buffers& buffers, std::uint32_t at);

}  // namespace nx::json
