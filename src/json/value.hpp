#pragma once
// A JSON value as a tree, for JSON that we write and JSON that is rarely read; messages from clients, producers and the
// bus are read in place (document.hpp). Keeps the exact text of every number and the order of members. Value type.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/document.hpp"
#include "model/result.hpp"

namespace nx::json {

class Value;
struct Member;

class Value {
 public:
  Value() = default;
  static Value boolean(bool value);
  static Value number(std::string lexeme);  // the lexeme must be a JSON number (RFC 8259 §6)
  static Value number(std::int64_t value);
  static Value string(std::string text);
  static Value array();
  static Value array(std::vector<Value> items);
  static Value object();
  static Value object(std::vector<Member> members);

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }
  bool is_string() const { return kind_ == Kind::string; }
  bool is_object() const { return kind_ == Kind::object; }
  bool is_array() const { return kind_ == Kind::array; }
  bool is_number() const { return kind_ == Kind::number; }

  bool as_bool() const { return flag_; }
  const std::string& text() const { return text_; }  // the characters of a string, or the exact lexeme of a number
  std::string& text() { return text_; }
  const std::vector<Value>& items() const { return items_; }
  std::vector<Value>& items() { return items_; }
  const std::vector<Member>& members() const;
  std::vector<Member>& members();

  /// The member with that name (the last one, as in JSON.parse); null if it is missing or this is not an object.
  const Value* find(std::string_view name) const;

  /// An integer in the range of int64, written without fraction and exponent.
  std::optional<std::int64_t> as_int64() const;

  /// A string's text, or an integer's decimal text (any magnitude; no fraction, no exponent, no `-0`). Ids are read
  /// this way.
  std::optional<std::string> as_id() const;

  friend bool operator==(const Value&, const Value&);

 private:
  Kind kind_ = Kind::null;
  bool flag_ = false;
  std::string text_;
  std::vector<Value> items_;
  std::vector<Member> members_;
};

struct Member {
  std::string name;
  Value value;
  friend bool operator==(const Member&, const Member&) = default;
};

/// Like Document::read(); of members with the same name only the last is kept.
Result<Value> parse(std::string_view text, ReadLimits limits = {});
Value value_of(View view);

/// Compact, as JSON.stringify writes it: no white space, non-ASCII unescaped, `/` not escaped, numbers by their lexeme.
std::string write(const Value& value);
void write_to(std::string& out, const Value& value);

/// Appends `text` as a JSON string with its quotes. `text` must be valid UTF-8.
void append_string(std::string& out, std::string_view text);

}  // namespace nx::json
