#include "transport/http_message.hpp"

#include <algorithm>

namespace nx::transport {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::string_view HttpRequest::header(std::string_view name) const {
  const auto found =
      std::find_if(headers.begin(), headers.end(), [name](const HttpHeader& h) { return same_name(h.name, name); });
  return found == headers.end() ? std::string_view{} : std::string_view{found->value};
}

bool HttpRequest::has_header(std::string_view name) const {
  return std::any_of(headers.begin(), headers.end(), [name](const HttpHeader& h) { return same_name(h.name, name); });
}

}  // namespace nx::transport
