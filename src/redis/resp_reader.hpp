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
};

class RespReader {
 public:
  explicit RespReader(RespLimits limits = {}) : limits_(limits) {}

  /// Where the next bytes go: `size` of them or more. Then took() says how many came. Invalidates views.
  std::span<char> space(std::size_t size);
  void took(std::size_t bytes);

  /// The next complete value, or none yet. Attributes are skipped. An error (kind invalid) means that the stream can not
  /// be read on: the connection is to be closed.
  Result<std::optional<RespValue>> next();

  std::size_t buffered() const;  // bytes kept

 private:
  // The implementation's own.
  RespLimits limits_;
};

}  // namespace nx::redis
