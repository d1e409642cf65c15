#pragma once
// RESP2 and RESP3 (Redis serialization protocol specification): the bytes of one connection, in any pieces → values.
// No I/O; used by one thread. A value's texts are views into the reader's buffer: no allocation for a message in the
// steady state.

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
  integer,    // also booleans: 0, 1
  real,       // doubles, as their text
  null,       // RESP3 null, RESP2 null string and null array
  array,      // arrays and sets
  map,        // `size` counts keys and values
  push,       // RESP3 out-of-band; with RESP2 messages come as arrays
  too_large,  // a bulk string over the limit: its bytes were skipped, `number` is its length
};

/// One node of a value's tree in depth-first order; an aggregate's elements follow it.
struct RespNode {
  RespType type = RespType::null;
  std::int64_t number = 0;   // integer, too_large
  std::string_view text;     // text, error, real
  std::uint32_t size = 0;    // elements of an aggregate
  std::uint32_t extent = 1;  // nodes of the subtree, itself included
};

/// A complete value: its nodes, the root first. Valid until the reader's next call.
class RespValue {
 public:
  explicit RespValue(std::span<const RespNode> nodes) : nodes_(nodes) {}
  const RespNode& root() const { return nodes_.front(); }
  RespType type() const { return root().type; }
  std::string_view text() const { return root().text; }
  std::int64_t number() const { return root().number; }
  bool is_aggregate() const { return type() == RespType::array || type() == RespType::map || type() == RespType::push; }
  std::uint32_t size() const { return is_aggregate() ? root().size : 0; }
  RespValue at(std::uint32_t index) const;  // index < size(); a walk over the elements before it

 private:
  std::span<const RespNode> nodes_;
};

struct RespLimits {
  std::size_t max_bulk_bytes = 1U << 20U;   // longer ones become too_large
  std::size_t max_line_bytes = 64U << 10U;  // a length, number, simple string or error; longer: broken
  std::uint32_t max_nodes = 65'536;         // of one value; more: broken
  unsigned max_depth = 8;
  std::size_t max_value_bytes =
      16U << 20U;  // of one value with its attributes, beside one bulk of the greatest length; more: broken
};

class RespReader {
 public:
  explicit RespReader(RespLimits limits = {}) : limits_(limits) {}

  /// Where the next bytes go: `size` of them or more. Then took() says how many came. Invalidates views.
  std::span<char> space(std::size_t size);
  void took(std::size_t bytes);

  /// The next complete value, or none yet. Attributes are skipped. An error (kind invalid) means that the stream can
  /// not be read on: the connection is to be closed.
  Result<std::optional<RespValue>> next();

  std::size_t buffered() const { return end_ - begin_; }  // bytes kept

 private:
  /// Where the walk over the value in hand stands: it goes on there when more bytes have come.
  struct Level {
    std::uint32_t node;       // the aggregate; kNone for an attribute's
    std::uint32_t remaining;  // elements still to come
    std::uint32_t first;      // of an attribute: where its nodes begin, to be forgotten
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
  std::size_t begin_ = 0;   // of the value in hand
  std::size_t at_ = 0;      // read so far
  std::size_t end_ = 0;     // filled so far
  std::size_t wanted_ = 0;  // no use to look before so many bytes are there
  std::uint64_t skip_ = 0;  // bytes of a bulk string that is too large, still to come
  bool complete_ = false;   // the value in hand was given out
  std::vector<RespNode> nodes_;
  std::vector<std::size_t> text_at_;  // offsets from begin_, as the buffer may move: views are made at the end
  std::vector<Level> levels_;
};

}  // namespace nx::redis
