#include "json/value.hpp"

#include <charconv>

namespace nx::json {

Value Value::boolean(bool value) {
  Value made;
  made.kind_ = Kind::boolean;
  made.flag_ = value;
  return made;
}

Value Value::number(std::string lexeme) {
  Value made;
  made.kind_ = Kind::number;
  made.text_ = std::move(lexeme);
  return made;
}

Value Value::number(std::int64_t value) {
  return number(std::to_string(value));
}

Value Value::string(std::string text) {
  Value made;
  made.kind_ = Kind::string;
  made.text_ = std::move(text);
  return made;
}

Value Value::array() {
  return array(std::vector<Value>{});
}

Value Value::array(std::vector<Value> items) {
  Value made;
  made.kind_ = Kind::array;
  made.items_ = std::move(items);
  return made;
}

Value Value::object() {
  return object(std::vector<Member>{});
}

Value Value::object(std::vector<Member> members) {
  Value made;
  made.kind_ = Kind::object;
  made.members_ = std::move(members);
  return made;
}

const std::vector<Member>& Value::members() const {
  return members_;
}
std::vector<Member>& Value::members() {
  return members_;
}

const Value* Value::find(std::string_view name) const {
  for (auto member = members_.rbegin(); member != members_.rend(); ++member) {
    if (member->name == name) return &member->value;
  }
  return nullptr;
}

std::optional<std::int64_t> Value::as_int64() const {
  if (kind_ != Kind::number) return std::nullopt;
  std::int64_t value = 0;
  const char* end = text_.data() + text_.size();
  const auto [stop, error] = std::from_chars(text_.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::optional<std::string> Value::as_id() const {
  if (kind_ == Kind::string) return text_;
  if (kind_ != Kind::number || text_ == "-0") return std::nullopt;
  if (text_.find_first_of(".eE") != std::string::npos) return std::nullopt;
  return text_;
}

bool operator==(const Value& a, const Value& b) {
  return a.kind_ == b.kind_ && a.flag_ == b.flag_ && a.text_ == b.text_ && a.items_ == b.items_ &&
         a.members_ == b.members_;
}

}  // namespace nx::json
