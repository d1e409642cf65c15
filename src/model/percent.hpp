#pragma once
// Percent-encoding (RFC 3986 §2.1). Pure, for any thread.

#include <optional>
#include <string>
#include <string_view>

namespace nx {

enum class PlusSign { literal, space };  // a space in a query of application/x-www-form-urlencoded, else itself

/// The bytes. None for a broken escape.
std::optional<std::string> percent_decode(std::string_view text, PlusSign plus);

/// The same, and none for what is not valid UTF-8 afterwards.
std::optional<std::string> percent_decode_utf8(std::string_view text, PlusSign plus);

/// All bytes but the unreserved ones are escaped.
std::string percent_encode(std::string_view text);

}  // namespace nx
