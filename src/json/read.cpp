// The only file that sees simdjson. Its first stage holds the text against UTF-8 and finds the tokens; its On-Demand
// iterators hold the structure. They judge no scalar that nobody reads, so scalars are judged here, each once.
#include <algorithm>
#include <cstring>
#include <simdjson.h>

#include "json/buffers.hpp"
#include "json/scalar.hpp"

namespace nx::json {

namespace od = simdjson::ondemand;

struct Parser {
  od::parser parser;
};

void DeleteParser::operator()(Parser* parser) const {
  delete parser;
}

namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 30;  // places are 32 bits wide; no message is as large
constexpr std::size_t kLeastCapacity = 4'096;

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

class Walk {
 public:
  Walk(Buffers& buffers, std::size_t size, ReadLimits limits)
      : buffers_(buffers), base_(buffers.text.data()), size_(size), limits_(limits) {}

  bool document(od::document& document) {
    bool scalar = false;
    if (!done(document.is_scalar().get(scalar))) return false;
    while (size_ > 0 && is_space(base_[size_ - 1])) --size_;
    document_ = &document;
    if (!scalar) {
      od::value root;
      return done(document.get_value().get(root)) && value(root, 0) && (at_end() || wrong("more text"));
    }
    std::size_t begin = 0;
    while (begin < size_ && is_space(base_[begin])) ++begin;
    return this->scalar(begin, size_);
  }

  Error error() const { return {ErrorKind::invalid, "not JSON: " + reason_ + " at byte " + std::to_string(place_)}; }

 private:
  bool at_end() const { return document_->current_location().error() == simdjson::OUT_OF_BOUNDS; }
  bool wrong(const char* reason) {
    const char* at = nullptr;
    if (document_ != nullptr && document_->current_location().get(at) == simdjson::SUCCESS)
      return wrong(reason, place_of(at));
    return wrong(reason, size_);
  }
  bool wrong(const char* reason, std::size_t place) {
    reason_ = reason;
    place_ = std::min(place, size_);
    return false;
  }
  bool done(simdjson::error_code error) { return error == simdjson::SUCCESS || wrong(simdjson::error_message(error)); }
  std::size_t place_of(const char* at) const { return static_cast<std::size_t>(at - base_); }

  bool value(od::value& value, std::size_t depth) {
    const std::string_view token = value.raw_json_token();
    const std::size_t begin = place_of(token.data());
    switch (token.empty() ? '\0' : token.front()) {
      case '{':
        return depth < limits_.max_depth ? object(value, begin, depth + 1) : wrong("too deep", begin);
      case '[':
        return depth < limits_.max_depth ? array(value, begin, depth + 1) : wrong("too deep", begin);
      case '"': {
        od::raw_json_string raw;
        return done(value.get_raw_json_string().get(raw)) && string(begin);
      }
      default: {
        std::size_t end = begin + token.size();
        while (end > begin && is_space(base_[end - 1])) --end;
        return scalar(begin, end);
      }
    }
  }

  bool object(od::value& value, std::size_t begin, std::size_t depth) {
    od::object object;
    if (!done(value.get_object().get(object))) return false;
    const std::size_t node = open(begin, Kind::object);
    for (auto item : object) {
      od::field field;
      if (!done(std::move(item).get(field))) return false;
      if (!string(place_of(field.key().raw()) - 1)) return false;
      buffers_.summary.cut_name |= (buffers_.nodes.back().flags & Node::kCut) != 0;
      if (!this->value(field.value(), depth)) return false;
    }
    close(node);
    return true;
  }

  bool array(od::value& value, std::size_t begin, std::size_t depth) {
    od::array array;
    if (!done(value.get_array().get(array))) return false;
    const std::size_t node = open(begin, Kind::array);
    for (auto item : array) {
      od::value element;
      // NOLINTNEXTLINE(performance-move-const-arg): get() is for rvalues alone
      if (!done(std::move(item).get(element)) || !this->value(element, depth)) return false;
    }
    close(node);
    return true;
  }

  std::size_t open(std::size_t begin, Kind kind) {
    buffers_.nodes.push_back({static_cast<std::uint32_t>(begin), 0, 0, kind, 0});
    return buffers_.nodes.size() - 1;
  }
  /// The iterator stands at the token behind the container.
  void close(std::size_t node) {
    const char* at = nullptr;
    std::size_t end = document_->current_location().get(at) == simdjson::SUCCESS ? place_of(at) : size_;
    while (is_space(base_[end - 1])) --end;
    buffers_.nodes[node].end = static_cast<std::uint32_t>(end);
    buffers_.nodes[node].next = static_cast<std::uint32_t>(buffers_.nodes.size());
  }
  void add(std::size_t begin, std::size_t end, Kind kind, std::uint8_t flags = 0) {
    buffers_.nodes.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end),
                              static_cast<std::uint32_t>(buffers_.nodes.size() + 1), kind, flags});
  }

  bool string(std::size_t begin) {
    const ScannedString scanned =
        scan_string(buffers_.text.data() + begin, base_ + size_, limits_.lone_surrogates == LoneSurrogates::replaced);
    if (scanned.problem != nullptr) return wrong(scanned.problem, begin);
    buffers_.summary.replaced += scanned.replaced;
    buffers_.summary.nul |= (scanned.flags & Node::kNul) != 0;
    add(begin, begin + scanned.size, Kind::string, scanned.flags);
    return true;
  }

  bool scalar(std::size_t begin, std::size_t end) {
    const std::string_view text(base_ + begin, end - begin);
    if (text.starts_with('"')) {
      return string(begin) && (buffers_.nodes.back().end == end || wrong("more text", buffers_.nodes.back().end));
    }
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
  const char* base_;
  std::size_t size_;
  ReadLimits limits_;
  od::document* document_ = nullptr;
  std::string reason_;
  std::size_t place_ = 0;
};

bool grow(od::parser& parser, std::size_t size) {
  if (parser.capacity() >= size) return true;
  std::size_t capacity = kLeastCapacity;
  while (capacity < size) capacity *= 2;
  return parser.allocate(capacity) == simdjson::SUCCESS;
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
  od::parser& parser = buffers.parser->parser;
  if (!grow(parser, text.size())) throw std::bad_alloc();
  Walk walk(buffers, text.size(), limits);
  od::document document;
  if (const auto error =
          parser.iterate(buffers.text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING).get(document)) {
    return fail(ErrorKind::invalid, std::string("not JSON: ") + simdjson::error_message(error));
  }
  if (!walk.document(document)) return tl::unexpected(walk.error());
  return {};
}

}  // namespace nx::json
