#pragma once
// Boost.JSON's strict parser behind our value: what the reader of src/json is held against.

#include <map>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/src.hpp>

#include "json/value.hpp"

namespace nx::json {

class ReferenceBuilder {
 public:
  using Error = boost::json::error_code;
  using Text = boost::json::string_view;
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = max_object_size;
  static constexpr std::size_t max_key_size = max_object_size;
  static constexpr std::size_t max_string_size = max_object_size;

  bool on_document_begin(Error&) { return true; }
  bool on_document_end(Error&) { return true; }
  bool on_object_begin(Error&) { return open(Value::object()); }
  bool on_object_end(std::size_t, Error&) {
    keep_last_of_each_name(stack_.back().members());
    return close();
  }
  bool on_array_begin(Error&) { return open(Value::array()); }
  bool on_array_end(std::size_t, Error&) { return close(); }
  bool on_key_part(Text part, std::size_t, Error&) { return gather(part); }
  bool on_key(Text part, std::size_t, Error&) {
    gather(part);
    names_.push_back(std::exchange(text_, {}));
    return true;
  }
  bool on_string_part(Text part, std::size_t, Error&) { return gather(part); }
  bool on_string(Text part, std::size_t, Error&) {
    gather(part);
    return add(Value::string(std::exchange(text_, {})));
  }
  bool on_number_part(Text part, Error&) { return gather(part); }
  bool on_int64(std::int64_t, Text part, Error&) { return number(part); }
  bool on_uint64(std::uint64_t, Text part, Error&) { return number(part); }
  bool on_double(double, Text part, Error&) { return number(part); }
  bool on_bool(bool flag, Error&) { return add(Value::boolean(flag)); }
  bool on_null(Error&) { return add(Value{}); }
  bool on_comment_part(Text, Error&) { return true; }
  bool on_comment(Text, Error&) { return true; }

  Value take() { return std::move(root_); }

 private:
  bool gather(Text part) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool number(Text part) {
    gather(part);
    return add(Value::number(std::exchange(text_, {})));
  }
  bool open(Value container) {
    stack_.push_back(std::move(container));
    return true;
  }
  bool close() {
    Value done = std::move(stack_.back());
    stack_.pop_back();
    return add(std::move(done));
  }
  bool add(Value value) {
    if (stack_.empty()) {
      root_ = std::move(value);
    } else if (stack_.back().is_array()) {
      stack_.back().items().push_back(std::move(value));
    } else {
      stack_.back().members().push_back({std::move(names_.back()), std::move(value)});
      names_.pop_back();
    }
    return true;
  }
  static void keep_last_of_each_name(std::vector<Member>& members) {
    std::map<std::string, std::size_t> last;
    for (std::size_t i = 0; i < members.size(); ++i) last[members[i].name] = i;
    std::vector<Member> kept;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (last[members[i].name] == i) kept.push_back(std::move(members[i]));
    }
    members = std::move(kept);
  }

  std::string text_;
  std::vector<std::string> names_;
  std::vector<Value> stack_;
  Value root_;
};

struct Reference {
  std::optional<Value> value;
  bool undecided = false;  // it has numbers whose exponent overflows an int, which is JSON and no matter of ours
};

inline Reference reference_parse(std::string_view text, std::size_t max_depth) {
  boost::json::parse_options options;
  options.max_depth = static_cast<unsigned>(max_depth);
  boost::json::basic_parser<ReferenceBuilder> parser(options);
  boost::json::error_code error;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
  if (error == boost::json::error::exponent_overflow) return {.value = std::nullopt, .undecided = true};
  if (error || used < text.size()) return {};
  return {.value = parser.handler().take(), .undecided = false};
}

}  // namespace nx::json
