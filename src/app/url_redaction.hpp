#pragma once
// What of a URL may be shown. Errs on the side of showing less: a password with an unescaped `/`, `?` or `@` is no
// valid URL, but it is a password.

#include <string>
#include <string_view>

namespace nx::app {

/// scheme://host/path without userinfo, query and fragment, and sqlite:PATH. Of anything else the scheme alone, if it
/// has one, and `…`.
std::string redact_url(std::string_view url);

/// True when something that may be a password stands before an `@`, or as a parameter.
bool url_has_password(std::string_view url);

}  // namespace nx::app
