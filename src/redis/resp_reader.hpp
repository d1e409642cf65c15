#pragma once
// Parses RESP2 and RESP3 (Redis serialisation protocol specification): bytes of one connection, in pieces of any size,
// into values. No I/O; used by one thread. Texts of a value are views into the reader's buffer, so messages usually
// need no allocation.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "model/result.hpp"

namespace nx::redis {

enum class RespType : std::uint8_t {
  text,       // simple, bulk and verbatim strings (without the format), big numbers
  error,      // simple and bulk errors
  integer,    // also booleans, as 0 and 1
  real,       // doubles, as text
  null,       // RESP3 null, RESP2 null string and null array
  array,      // arrays and sets
  map,        // `size` counts keys and values
  push,       // RESP3 out-of-band data; with RESP2 messages arrive as arrays
  too_large,  // a bulk string over the limit; its bytes were skipped, `number` is its length
};

/// One node of the tree of a value, in depth-first order: the elements of an aggregate follow it.
struct RespNode {
  RespType type = RespType::null;
  std::int64_t number = 0;   // of integer and too_large
  std::string_view text;     // of text, error and real
  std::uint32_t size = 0;    // number of elements of an aggregate
  std::uint32_t extent = 1;  // number of nodes in the subtree, including this one
};

/// A complete value: its nodes, the root first. Valid until the next call of the reader.
class RespValue {
 public:
  explicit RespValue(std::span<const RespNode> nodes) : nodes_(nodes) {}
  const RespNode& root() const { return nodes_.front(); }
  RespType type() const { return root().type; }
  std::string_view text() const { return root().text; }
  std::int64_t number() const { return root().number; }
  bool is_aggregate() const { return type() == RespType::array || type() == RespType::map || type() == RespType::push; }
  std::uint32_t size() const { return is_aggregate() ? root().size : 0; }
  RespValue at(std::uint32_t index) const;  // index < size(); iterates over the elements before it

 private:
  std::span<const RespNode> nodes_;
};

struct RespLimits {
  std::size_t max_bulk_bytes = 1U << 20U;  // longer bulk strings become too_large
  // of a length, a number, a simple string or a simple error; a longer one is an error of the stream
  std::size_t max_line_bytes = 64U << 10U;
  std::uint32_t max_nodes = 65'536;  // of one value; more are an error of the stream
  unsigned max_depth = 8;
  // of one value with its attributes, in addition to one bulk string of maximum length; more is an error of the stream
  std::size_t max_value_bytes = 16U << 20U;
};

class RespReader {
 public:
  explicit RespReader(RespLimits limits = {}) : limits_(limits) {}

  /// Returns a buffer for the next bytes, of `size` bytes or more. The caller then calls took() with the number of
  /// bytes read. Invalidates views.
  std::span<char> space(std::size_t size);
  void took(std::size_t bytes);

  /// Returns the next complete value, or std::nullopt when more bytes are needed. Attributes are skipped. An error
  /// (kind invalid) means that the stream cannot be parsed any further: the connection must be closed.
  Result<std::optional<RespValue>> next();

  std::size_t buffered() const { return end_ - begin_; }  // bytes in the buffer

 private:
  /// One level of the unfinished value, where parsing continues when more bytes have arrived.
  struct Level {
    std::uint32_t node;       // the aggregate; kNone for an attribute
    std::uint32_t remaining;  // elements that are still missing
    std::uint32_t first;      // of an attribute: index of its first node, from which nodes are dropped
  };
  enum class Step { more, value, bytes_missing };

  Result<Step> step();
  Result<Step> scalar(std::string_view line, std::size_t header);
  Result<Step> bulk(RespType type, std::string_view line, std::size_t header);
  Result<Step> aggregate(RespType type, std::string_view line, std::uint32_t factor);
  Result<void> push_node(RespNode node, std::size_t text_at);
  Step finish_element();
  void start_over();

  const RespLimits limits_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;   // beginning of the current value
  std::size_t at_ = 0;      // end of the parsed bytes
  std::size_t end_ = 0;     // end of the received bytes
  std::size_t wanted_ = 0;  // the next step needs at least this many bytes
  std::uint64_t skip_ = 0;  // bytes of a bulk string over the limit that are still to be skipped
  bool complete_ = false;   // the current value was returned
  std::vector<RespNode> nodes_;
  // offsets from begin_, because the buffer may move; views are made when the value is complete
  std::vector<std::size_t> text_at_;
  std::vector<Level> levels_;
};

}  // namespace nx::redis
