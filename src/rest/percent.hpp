#pragma once
// Percent-encoding (RFC 3986 §2.1) of path segments and queries.

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace nx::rest {

enum class PlusSign { literal, space };  // a space in a query of application/x-www-form-urlencoded, itself in a path

/// Empty for a broken escape and for what is not valid UTF-8 afterwards.
std::optional<std::string> percent_decode(std::string_view text, PlusSign plus);

/// All bytes but the unreserved ones are escaped.
std::string percent_encode(std::string_view text);

}  // namespace nx::rest
