// The only file that sees Boost.JSON: its incremental, non-recursive basic_parser drives a handler that builds our
// Value.
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/src.hpp>

#include "json/value.hpp"
#include "model/keyed_hash.hpp"

namespace nx::json {
namespace {

namespace bj = boost::json;
using bj::error_code;
using bj::string_view;

class Builder {
 public:
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = max_object_size;
  static constexpr std::size_t max_key_size = max_object_size;
  static constexpr std::size_t max_string_size = max_object_size;

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return open(Value::object()); }
  bool on_object_end(std::size_t, error_code&) {
    drop_repeated_names(stack_.back().members());
    return close();
  }
  bool on_array_begin(error_code&) { return open(Value::array()); }
  bool on_array_end(std::size_t, error_code&) { return close(); }
  bool on_key_part(string_view part, std::size_t, error_code&) { return gather(part); }
  bool on_key(string_view part, std::size_t, error_code&) {
    gather(part);
    names_.push_back(std::exchange(text_, {}));
    return true;
  }
  bool on_string_part(string_view part, std::size_t, error_code&) { return gather(part); }
  bool on_string(string_view part, std::size_t, error_code&) {
    gather(part);
    return add(Value::string(std::exchange(text_, {})));
  }
  bool on_number_part(string_view part, error_code&) { return gather(part); }
  bool on_int64(std::int64_t, string_view part, error_code&) { return number(part); }
  bool on_uint64(std::uint64_t, string_view part, error_code&) { return number(part); }
  bool on_double(double, string_view part, error_code&) { return number(part); }
  bool on_bool(bool flag, error_code&) { return add(Value::boolean(flag)); }
  bool on_null(error_code&) { return add(Value{}); }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }

  Value take() { return std::move(root_); }

 private:
  bool gather(string_view part) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool number(string_view part) {
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

  static void drop_repeated_names(std::vector<Member>& members) {
    if (members.size() < 2) return;
    KeyedMap<std::string_view, std::size_t> first_at;
    std::vector<bool> repeated(members.size());
    for (std::size_t i = 0; i < members.size(); ++i) {
      const auto [seat, is_new] = first_at.try_emplace(members[i].name, i);
      if (is_new) continue;
      members[seat->second].value = std::move(members[i].value);
      repeated[i] = true;
    }
    if (first_at.size() == members.size()) return;
    std::vector<Member> kept;
    kept.reserve(first_at.size());
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (!repeated[i]) kept.push_back(std::move(members[i]));
    }
    members = std::move(kept);
  }

  std::string text_;
  std::vector<std::string> names_;
  std::vector<Value> stack_;
  Value root_;
};

}  // namespace

Result<Value> parse(std::string_view text, ParseLimits limits) {
  bj::parse_options options;
  options.max_depth = static_cast<unsigned>(limits.max_depth);
  bj::basic_parser<Builder> parser(options);
  error_code error;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
  if (!error && used < text.size()) error = bj::error::extra_data;
  if (error) return fail(ErrorKind::invalid, "not JSON: " + error.message() + " at byte " + std::to_string(used));
  return parser.handler().take();
}

}  // namespace nx::json
