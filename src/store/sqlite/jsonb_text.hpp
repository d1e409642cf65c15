#pragma once
// The results of PostgreSQL's jsonb operations, computed from the text of a document. No I/O.

#include <optional>
#include <string>
#include <string_view>

namespace nx::store::sqlite {

/// `#>>`: the text at a place; `path` holds its steps joined by dots. nullopt for JSON null and for a missing place.
/// Numbers are written without exponent, containers with jsonb's spaces and order of names.
std::optional<std::string> text_at(std::string_view document, std::string_view path);

/// Documents that jsonb considers equal have equal texts.
std::string equal_text(std::string_view document);

/// A byte string that sorts as jsonb sorts the value at a place: null, strings, numbers, booleans, arrays, objects. All
/// arrays are equal to each other, and so are all objects, but an empty array sorts before everything. nullopt for a
/// missing place.
std::optional<std::string> order_at(std::string_view document, std::string_view path);

}  // namespace nx::store::sqlite
