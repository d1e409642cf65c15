#include "json/value.hpp"

namespace nx::json {

// The depth that read() allows bounds the recursion.
Value value_of(View view) {
  switch (view.kind()) {
    case Kind::null:
      return {};
    case Kind::boolean:
      return Value::boolean(view.is_true());
    case Kind::number:
      return Value::number(std::string(view.raw()));
    case Kind::string:
      return Value::string(view.text());
    case Kind::array: {
      Value array = Value::array();
      for (const View item : view.items()) array.items().push_back(value_of(item));
      return array;
    }
    case Kind::object: {
      Value object = Value::object();
      for (const auto& [name, value] : view.members()) object.members().push_back({name.text(), value_of(value)});
      return object;
    }
  }
  return {};
}

Result<Value> parse(std::string_view text, ReadLimits limits) {
  const auto document = Document::read(text, limits);
  if (!document) return error_of(document);
  return value_of(document->root());
}

}  // namespace nx::json
