#pragma once
// What PostgreSQL's jsonb says of a document, worked out of its text. No I/O.

#include <optional>
#include <string>
#include <string_view>

namespace nx::store::sqlite {

/// `#>>`: the text at a place, `path` being its steps joined by dots. None for JSON null and for what is not there.
/// Numbers are written without exponent, containers with the spaces and the order of names of jsonb.
std::optional<std::string> text_at(std::string_view document, std::string_view path);

/// Equal texts for what jsonb takes for equal.
std::string equal_text(std::string_view document);

/// Bytes that compare as jsonb orders what is at a place: null, strings, numbers, booleans, arrays, objects; arrays,
/// and objects, are equal among themselves, but an empty array is the least of all. None for what is not there.
std::optional<std::string> order_at(std::string_view document, std::string_view path);

}  // namespace nx::store::sqlite
