#include "transport/http_message.hpp"

#include <algorithm>

#include "transport/http_token.hpp"

namespace nx::transport {

std::string_view HttpRequest::header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [name](const HttpHeader& h) { return same_ignoring_case(h.name, name); });
  return found == headers.end() ? std::string_view{} : std::string_view{found->value};
}

bool HttpRequest::has_header(std::string_view name) const {
  return std::any_of(headers.begin(), headers.end(),
                     [name](const HttpHeader& h) { return same_ignoring_case(h.name, name); });
}

std::string HttpRequest::list(std::string_view name) const {
  std::string joined;
  for (const HttpHeader& line : headers) {
    if (!same_ignoring_case(line.name, name)) continue;
    if (!joined.empty()) joined += ',';
    joined += line.value;
  }
  return joined;
}

}  // namespace nx::transport
