#include "config/listen_address.hpp"

#include <charconv>

namespace nx::config {

std::optional<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  ListenAddress address;
  const char* const end = text.data() + text.size();
  const char* const begin = text.data() + colon + 1;
  const auto [stop, error] = std::from_chars(begin, end, address.port);
  if (begin == end || error != std::errc{} || stop != end) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty()) return std::nullopt;
  address.host = host;
  return address;
}

}  // namespace nx::config
