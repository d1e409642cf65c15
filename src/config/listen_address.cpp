#include "config/listen_address.hpp"

#include "model/host_port.hpp"
#include "model/number.hpp"

namespace nx::config {

std::optional<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const auto port = whole_number<std::uint16_t>(text.substr(colon + 1));
  const std::string_view host = without_brackets(text.substr(0, colon));
  if (!port || host.empty()) return std::nullopt;
  return ListenAddress{.host = std::string(host), .port = *port};
}

}  // namespace nx::config
