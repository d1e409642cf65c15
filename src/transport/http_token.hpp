#pragma once
// Grammar that many headers share (RFC 9110 §5.6): tokens, letter case, comma-separated lists.

#include <string_view>

namespace nx::transport {

bool is_token(std::string_view text);

/// Ignores the letter case of ASCII letters only, independent of the locale.
bool same_ignoring_case(std::string_view a, std::string_view b);

/// Returns true when the comma-separated `list` contains `token`, letter case ignored.
bool list_has_token(std::string_view list, std::string_view token);

/// Removes spaces and tabs at both ends.
std::string_view trim_spaces(std::string_view text);

}  // namespace nx::transport
