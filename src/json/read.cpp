// The only file that includes simdjson. simdjson's first stage validates UTF-8 and finds the beginning of each token;
// this file checks grammar and scalars, each token once.
#include <algorithm>
#include <cstring>
#include <simdjson.h>

#include "json/buffers.hpp"
#include "json/scalar.hpp"

namespace nx::json {

/// Only the first stage of simdjson's parser is used: its second stage converts numbers and builds a tree.
struct Parser {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> stages;
};

void DeleteParser::operator()(Parser* parser) const {
  delete parser;
}

namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 30;  // positions have 32 bits; no real message is that large
constexpr std::size_t kLeastCapacity = 4'096;
constexpr std::size_t kFirstStageDepth = 1;  // the first stage does not count levels

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/// Walks from token to token. `begins` holds the position of each.
class Walk {
 public:
  Walk(Buffers& buffers, std::size_t size, const std::uint32_t* begins, std::size_t tokens, ReadLimits limits)
      : buffers_(buffers),
        nodes_(buffers.nodes),
        text_(buffers.text.data()),
        size_(size),
        next_(begins),
        last_(begins + tokens),
        limits_(limits) {}

  bool document() {
    // Besides its own first token, a value has a separator, the closing bracket of its container, or nothing.
    nodes_.reserve(static_cast<std::size_t>(last_ - next_) / 2 + limits_.max_depth + 2);
    escape_ = next_escape(0);
    for (bool more = value(); more;) {
      if (open_ == kNone) return next_ == last_ || wrong_here("more text");
      more = behind_value();
    }
    return false;
  }

  Error error() const { return {ErrorKind::invalid, "not JSON: " + reason_ + " at byte " + std::to_string(place_)}; }

 private:
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;

  bool wrong(const char* reason, std::size_t place) {
    reason_ = reason;
    place_ = std::min(place, size_);
    return false;
  }
  char at_next() const { return next_ == last_ ? '\0' : text_[*next_]; }
  bool wrong_here(const char* reason) { return wrong(reason, next_ == last_ ? size_ : *next_); }

  /// Reads a scalar, or a container up to its first scalar. The depth bounds the recursion.
  bool value() {
    switch (at_next()) {
      case '{':
        return open(Kind::object, '}');
      case '[':
        return open(Kind::array, ']');
      case '"':
        return string();
      default:
        return scalar();
    }
  }

  bool name_and_value() {
    if (at_next() != '"') return wrong_here("no name of a member");
    if (!string()) return false;
    buffers_.summary.cut_name |= (nodes_.back().flags & Node::kCut) != 0;
    if (at_next() != ':') return wrong_here("no colon behind a name");
    ++next_;
    return value();
  }

  bool open(Kind kind, char closing) {
    const std::uint32_t begin = *next_++;
    if (++depth_ > limits_.max_depth) return wrong("too deep", begin);
    nodes_.push_back({begin, 0, open_, kind, 0});  // while a container is open, `next` refers to its parent
    open_ = static_cast<std::uint32_t>(nodes_.size() - 1);
    if (at_next() == closing) return close();
    return kind == Kind::object ? name_and_value() : value();
  }

  bool close() {
    Node& node = nodes_[open_];
    node.end = *next_++ + 1;
    open_ = std::exchange(node.next, static_cast<std::uint32_t>(nodes_.size()));
    --depth_;
    return true;
  }

  bool behind_value() {
    const bool object = nodes_[open_].kind == Kind::object;
    const char c = at_next();
    if (c == ',') {
      ++next_;
      return object ? name_and_value() : value();
    }
    if (c == (object ? '}' : ']')) return close();
    return wrong_here(next_ == last_ ? "a container without end" : "no comma behind a value");
  }

  /// The end of the token before `next_`.
  std::uint32_t end_of_token() const {
    std::size_t end = next_ == last_ ? size_ : *next_;
    while (is_space(text_[end - 1])) --end;
    return static_cast<std::uint32_t>(end);
  }
  void add(std::uint32_t begin, std::uint32_t end, Kind kind, std::uint8_t flags = 0) {
    nodes_.push_back({begin, end, static_cast<std::uint32_t>(nodes_.size() + 1), kind, flags});
  }

  bool string() {
    const std::uint32_t begin = *next_++;
    const std::uint32_t end = end_of_token();  // the first stage guarantees that only the closing quote ends a string
    std::uint8_t flags = 0;
    if (escape_ < end) {
      const ScannedString scanned =
          scan_string(text_ + begin, text_ + end, limits_.lone_surrogates == LoneSurrogates::replaced);
      if (scanned.problem != nullptr) return wrong(scanned.problem, begin);
      buffers_.summary.replaced += scanned.replaced;
      buffers_.summary.nul |= (scanned.flags & Node::kNul) != 0;
      flags = scanned.flags;
      escape_ = next_escape(end);
    }
    add(begin, end, Kind::string, flags);
    return true;
  }
  std::size_t next_escape(std::size_t from) const {
    const void* const found = std::memchr(text_ + from, '\\', size_ - from);
    return found == nullptr ? size_ : static_cast<std::size_t>(static_cast<const char*>(found) - text_);
  }

  bool scalar() {
    if (next_ == last_) return wrong_here("no value");
    const std::uint32_t begin = *next_++;
    const std::uint32_t end = end_of_token();
    const std::string_view text(text_ + begin, end - begin);
    if (const Lexeme lexeme = number_lexeme(text); lexeme != Lexeme::none) {
      add(begin, end, Kind::number);
      buffers_.summary.unusual_number |= lexeme == Lexeme::with_exponent || text.size() > kUsualNumberBytes;
    } else if (text == "true" || text == "false") {
      add(begin, end, Kind::boolean);
    } else if (text == "null") {
      add(begin, end, Kind::null);
    } else {
      return wrong("no value", begin);
    }
    return true;
  }

  Buffers& buffers_;
  std::vector<Node>& nodes_;
  char* text_;
  std::size_t size_;
  const std::uint32_t* next_;
  const std::uint32_t* last_;
  ReadLimits limits_;
  std::uint32_t open_ = kNone;  // the innermost container
  std::size_t depth_ = 0;
  std::size_t escape_ = 0;  // the next backslash
  std::string reason_;
  std::size_t place_ = 0;
};

void grow(Parser& parser, std::size_t size) {
  if (parser.stages && parser.stages->capacity() >= size) return;
  std::size_t capacity = kLeastCapacity;
  while (capacity < size) capacity *= 2;
  const auto made = parser.stages ? parser.stages->allocate(capacity, kFirstStageDepth)
                                  : simdjson::get_active_implementation()->create_dom_parser_implementation(
                                        capacity, kFirstStageDepth, parser.stages);
  if (made != simdjson::SUCCESS) throw std::bad_alloc();
}

}  // namespace

Result<void> read_into(Buffers& buffers, std::string_view text, ReadLimits limits) {
  if (text.size() > kMaxBytes) return fail(ErrorKind::invalid, "not JSON: more than 1 GiB");
  buffers.nodes.clear();
  buffers.summary = {};
  buffers.text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  buffers.text.assign(text);
  buffers.text.append(simdjson::SIMDJSON_PADDING, ' ');
  if (!buffers.parser) buffers.parser.reset(new Parser);
  grow(*buffers.parser, text.size());
  auto& stages = *buffers.parser->stages;
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(buffers.text.data());
  if (const auto error = stages.stage1(bytes, text.size(), simdjson::stage1_mode::regular)) {
    return fail(ErrorKind::invalid, std::string("not JSON: ") + simdjson::error_message(error));
  }
  Walk walk(buffers, text.size(), stages.structural_indexes.get(), stages.n_structural_indexes, limits);
  if (!walk.document()) return tl::unexpected(walk.error());
  return {};
}

}  // namespace nx::json
