#pragma once
// The small grammar that headers share (RFC 9110 §5.6): tokens, letter case, comma lists.

#include <string_view>

namespace nx::transport {

bool is_token(std::string_view text);

/// ASCII letters only, whatever the locale.
bool same_ignoring_case(std::string_view a, std::string_view b);

/// True when the comma-separated `list` has `token`, letter case ignored.
bool list_has_token(std::string_view list, std::string_view token);

/// Without spaces and tabs at either end.
std::string_view trim_spaces(std::string_view text);

}  // namespace nx::transport
