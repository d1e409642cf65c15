#pragma once
// Percent-encoding (RFC 3986 §2.1). Pure, for any thread.

#include <optional>
#include <string>
#include <string_view>

namespace nx {

enum class PlusSign { literal, space };  // space: a query of application/x-www-form-urlencoded, where + means a space

/// The decoded bytes. nullopt for an invalid escape.
std::optional<std::string> percent_decode(std::string_view text, PlusSign plus);

/// The same; nullopt also if the result is not valid UTF-8.
std::optional<std::string> percent_decode_utf8(std::string_view text, PlusSign plus);

/// Escapes all bytes except the unreserved ones.
std::string percent_encode(std::string_view text);

}  // namespace nx
