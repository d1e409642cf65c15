#pragma once
// What of a URL may be shown. Errs on the side of showing less: a password with an unescaped `/`, `?` or `@` is no
// valid URL, but it is a password.

#include <string>
#include <string_view>

namespace nx::config {

/// scheme://host/path without userinfo, query and fragment, and sqlite:PATH. Of anything else the scheme alone, if it
/// has one, and `…`.
std::string redact_url(std::string_view url);

/// A value that is no secret by its kind: as it is, but as redact_url() where a user and a password may stand before an
/// `@`. Somebody may have written a URL where a name or a path is meant.
std::string shown_value(std::string_view value);

/// True when something that may be a password stands before an `@`, or as a parameter.
bool url_has_password(std::string_view url);

}  // namespace nx::config
