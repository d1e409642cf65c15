#pragma once
// The part of a URL that may be shown. In case of doubt it shows less: a password with an unescaped `/`, `?` or `@`
// makes the URL invalid, but it must stay secret.

#include <string>
#include <string_view>

namespace nx::config {

/// scheme://host/path without userinfo, query and fragment, and sqlite:PATH. For any other text only the scheme, if it
/// has one, and `…`.
std::string redact_url(std::string_view url);

/// A value that is not secret by its kind. It is returned unchanged, or through redact_url() if it may contain a user
/// and a password before an `@`, because a URL may have been written in place of a name or a path.
std::string shown_value(std::string_view value);

/// Whether the text before an `@`, or a parameter, may be a password.
bool url_has_password(std::string_view url);

}  // namespace nx::config
