#pragma once
// What a Document is made of, kept by each thread for the next one. Only document.cpp and read.cpp see it.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "json/document.hpp"

namespace nx::json {

/// One value or member name. Children follow their container; a member is its name and then its value.
struct Node {
  static constexpr std::uint8_t kEscaped = 1;   // has a backslash
  static constexpr std::uint8_t kNul = 2;       // has U+0000
  static constexpr std::uint8_t kCut = 4;       // had a lone surrogate
  static constexpr std::uint8_t kRepeated = 8;  // a name that comes again in this object
  static constexpr std::uint8_t kMarked = 16;   // an object of which the repeated names are known
  std::uint32_t begin;                          // in the text
  std::uint32_t end;
  std::uint32_t next;  // the node behind this one and what is in it
  Kind kind;
  std::uint8_t flags;
};
static_assert(sizeof(Node) == 16);

struct Parser;  // simdjson's, seen by read.cpp alone
struct DeleteParser {
  void operator()(Parser* parser) const;
};

struct Buffers {
  std::string text;  // with simdjson's padding behind it
  std::vector<Node> nodes;
  std::unique_ptr<Parser, DeleteParser> parser;
  std::vector<std::uint64_t> table;  // of repeated names: half a hash and the place of the name, by hash
  Summary summary;

  std::string_view slice(const Node& node) const {
    return std::string_view(text).substr(node.begin, node.end - node.begin);
  }
};

/// Fills them; the error is Document::read()'s.
Result<void> read_into(Buffers& buffers, std::string_view text, ReadLimits limits);

/// Marks each name that comes again in the object at `at`, in one pass; once.
void mark_repeated(Buffers& buffers, std::uint32_t at);

}  // namespace nx::json
