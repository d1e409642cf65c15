#include "redis/resp_reader.hpp"

#include <algorithm>
#include <cstring>

#include "model/number.hpp"

namespace nx::redis {
namespace {

constexpr std::uint32_t kAttribute = UINT32_MAX;
constexpr std::size_t kNoText = SIZE_MAX;
constexpr std::size_t kKeptBytes = 64UL * 1024;  // of the buffer, after a large value was processed

tl::unexpected<Error> broken(const char* what) {
  return fail(ErrorKind::invalid, what);
}

bool read_integer(std::string_view text, std::int64_t& value) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto number = whole_number<std::int64_t>(text);
  value = number.value_or(value);
  return number.has_value();
}

}  // namespace

RespValue RespValue::at(std::uint32_t index) const {
  std::size_t node = 1;
  for (; index > 0; --index) node += nodes_[node].extent;
  return RespValue(nodes_.subspan(node, nodes_[node].extent));
}

std::span<char> RespReader::space(std::size_t size) {
  if (complete_) start_over();
  if (begin_ == end_) {
    at_ -= begin_;
    begin_ = end_ = 0;
    if (buffer_.size() > kKeptBytes && size <= kKeptBytes) {
      buffer_.resize(kKeptBytes);
      buffer_.shrink_to_fit();
    }
  }
  if (buffer_.size() - end_ < size && begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    at_ -= begin_;
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() - end_ < size) buffer_.resize(std::max(end_ + size, buffer_.size() * 3 / 2));
  return {buffer_.data() + end_, buffer_.size() - end_};
}

void RespReader::took(std::size_t bytes) {
  const std::size_t skipped = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, bytes));
  if (skipped > 0) {
    skip_ -= skipped;
    std::memmove(buffer_.data() + end_, buffer_.data() + end_ + skipped, bytes - skipped);
  }
  end_ += bytes - skipped;
}

Result<std::optional<RespValue>> RespReader::next() {
  if (complete_) start_over();
  while (skip_ == 0) {
    if (end_ - begin_ < wanted_) return std::nullopt;
    const auto stepped = step();
    if (!stepped) return error_of(stepped);
    if (at_ - begin_ > limits_.max_bulk_bytes + limits_.max_value_bytes) return broken("a value is too large");
    if (*stepped == Step::bytes_missing) return std::nullopt;
    if (*stepped == Step::more) continue;
    complete_ = true;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (text_at_[i] == kNoText) continue;
      nodes_[i].text = {buffer_.data() + begin_ + text_at_[i], static_cast<std::size_t>(nodes_[i].number)};
      nodes_[i].number = 0;
    }
    return RespValue(nodes_);
  }
  return std::nullopt;
}

/// Reads one element: a scalar, or the header of an aggregate.
Result<RespReader::Step> RespReader::step() {
  const std::string_view rest(buffer_.data() + at_, end_ - at_);
  if (rest.empty()) return Step::bytes_missing;
  const std::size_t line_end = rest.substr(0, limits_.max_line_bytes + 2).find('\n');
  if (line_end == std::string_view::npos) {
    if (rest.size() > limits_.max_line_bytes + 1) return broken("a line is too long");
    return Step::bytes_missing;
  }
  if (line_end < 2 || rest[line_end - 1] != '\r') return broken("a line does not end with CR LF");
  const std::string_view line = rest.substr(1, line_end - 2);
  const std::size_t header = line_end + 1;
  switch (rest.front()) {
    case '$':
    case '=':
      return bulk(RespType::text, line, header);
    case '!':
      return bulk(RespType::error, line, header);
    case '*':
    case '~':
      at_ += header;
      return aggregate(RespType::array, line, 1);
    case '>':
      at_ += header;
      return aggregate(RespType::push, line, 1);
    case '%':
      at_ += header;
      return aggregate(RespType::map, line, 2);
    case '|':
      at_ += header;
      return aggregate(RespType::null, line, 2);
    default:
      return scalar(rest.substr(0, line_end - 1), header);
  }
}

Result<RespReader::Step> RespReader::scalar(std::string_view line, std::size_t header) {
  const std::size_t text_at = at_ - begin_ + 1;
  const std::string_view body = line.substr(1);
  RespNode node;
  node.number = static_cast<std::int64_t>(body.size());
  Result<void> pushed;
  switch (line.front()) {
    case '+':
    case '(':
      node.type = RespType::text;
      pushed = push_node(node, text_at);
      break;
    case '-':
      node.type = RespType::error;
      pushed = push_node(node, text_at);
      break;
    case ',':
      node.type = RespType::real;
      pushed = push_node(node, text_at);
      break;
    case ':':
      node.type = RespType::integer;
      if (!read_integer(body, node.number)) return broken("an invalid integer");
      pushed = push_node(node, kNoText);
      break;
    case '#':
      if (body != "t" && body != "f") return broken("an invalid boolean");
      node.type = RespType::integer;
      node.number = body == "t" ? 1 : 0;
      pushed = push_node(node, kNoText);
      break;
    case '_':
      if (!body.empty()) return broken("an invalid null");
      node.number = 0;
      pushed = push_node(node, kNoText);
      break;
    default:
      return broken("an unknown type");
  }
  if (!pushed) return error_of(pushed);
  at_ += header;
  return finish_element();
}

Result<RespReader::Step> RespReader::bulk(RespType type, std::string_view line, std::size_t header) {
  std::int64_t length = 0;
  if (!read_integer(line, length) || length < -1) return broken("an invalid length");
  RespNode node;
  if (length == -1) {
    if (auto pushed = push_node(node, kNoText); !pushed) return error_of(pushed);
    at_ += header;
    return finish_element();
  }
  const std::uint64_t body = static_cast<std::uint64_t>(length) + 2;
  if (static_cast<std::uint64_t>(length) > limits_.max_bulk_bytes) {
    node.type = RespType::too_large;
    node.number = length;
    if (auto pushed = push_node(node, kNoText); !pushed) return error_of(pushed);
    at_ += header;
    const std::size_t here = static_cast<std::size_t>(std::min<std::uint64_t>(body, end_ - at_));
    std::memmove(buffer_.data() + at_, buffer_.data() + at_ + here, end_ - at_ - here);
    end_ -= here;
    skip_ = body - here;
    return finish_element();
  }
  if (end_ - at_ < header + body) {
    wanted_ = at_ - begin_ + header + static_cast<std::size_t>(body);
    return Step::bytes_missing;
  }
  const char* const end = buffer_.data() + at_ + header + length;
  if (end[0] != '\r' || end[1] != '\n') return broken("a bulk string does not end with CR LF");
  std::size_t text_at = at_ - begin_ + header;
  if (buffer_[at_] == '=') {  // a verbatim string begins with three characters and a colon
    if (length < 4 || buffer_[at_ + header + 3] != ':') return broken("a verbatim string has no format");
    text_at += 4;
    length -= 4;
  }
  node.type = type;
  node.number = length;
  if (auto pushed = push_node(node, text_at); !pushed) return error_of(pushed);
  at_ += header + static_cast<std::size_t>(body);
  return finish_element();
}

/// `RespType::null` stands for an attribute, which is read like a map and then dropped.
Result<RespReader::Step> RespReader::aggregate(RespType type, std::string_view line, std::uint32_t factor) {
  std::int64_t count = 0;
  if (!read_integer(line, count) || count < -1 || count > limits_.max_nodes)
    return broken("an invalid number of elements");
  if (count == -1 && type != RespType::array) return broken("an invalid number of elements");
  const bool is_attribute = type == RespType::null;
  const auto first = static_cast<std::uint32_t>(nodes_.size());
  if (!is_attribute) {
    RespNode node;
    node.type = count == -1 ? RespType::null : type;
    node.size = count == -1 ? 0 : static_cast<std::uint32_t>(count) * factor;
    if (auto pushed = push_node(node, kNoText); !pushed) return error_of(pushed);
  }
  if (count <= 0) return is_attribute ? Step::more : finish_element();
  if (levels_.size() >= limits_.max_depth) return broken("nested too deep");
  levels_.push_back({is_attribute ? kAttribute : first, static_cast<std::uint32_t>(count) * factor, first});
  return Step::more;
}

Result<void> RespReader::push_node(RespNode node, std::size_t text_at) {
  if (nodes_.size() >= limits_.max_nodes) return broken("a value has too many elements");
  nodes_.push_back(node);
  text_at_.push_back(text_at);
  return {};
}

/// Called when an element is complete: that may complete the aggregates of which it is the last element, and the value.
RespReader::Step RespReader::finish_element() {
  while (!levels_.empty() && --levels_.back().remaining == 0) {
    const Level level = levels_.back();
    levels_.pop_back();
    if (level.node == kAttribute) {
      nodes_.resize(level.first);
      text_at_.resize(level.first);
      return Step::more;  // the value that the attribute describes is still to come
    }
    nodes_[level.node].extent = static_cast<std::uint32_t>(nodes_.size()) - level.node;
  }
  return levels_.empty() ? Step::value : Step::more;
}

void RespReader::start_over() {
  complete_ = false;
  begin_ = at_;
  wanted_ = 0;
  nodes_.clear();
  text_at_.clear();
  levels_.clear();
}

}  // namespace nx::redis
