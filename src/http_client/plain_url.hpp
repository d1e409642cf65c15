#pragma once
// Whether a request to a URL can be read and changed on its way.

#include <string>

namespace nx::http_client {

/// True for `http://` to a host that is neither localhost nor a loopback address; false for a text that is not a URL.
bool is_plain_off_loopback(const std::string& url);

}  // namespace nx::http_client
