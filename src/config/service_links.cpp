#include "config/service_links.hpp"

namespace nx::config {
namespace {

// Returns true when `name` contains _PORT_, digits and _.
bool names_port_number(std::string_view name) {
  constexpr std::string_view kPort = "_PORT_";
  for (std::size_t at = name.find(kPort); at != std::string_view::npos; at = name.find(kPort, at + 1)) {
    const std::size_t digits = at + kPort.size();
    const std::size_t end = name.find_first_not_of("0123456789", digits);
    if (end != std::string_view::npos && end > digits && name[end] == '_') return true;
  }
  return false;
}

}  // namespace

bool is_port_link(std::string_view name, std::string_view value) {
  return name.ends_with("_PORT") && value.starts_with("tcp://");
}

bool is_service_link(std::string_view name, std::string_view value) {
  return name.ends_with("_SERVICE_HOST") || name.find("_SERVICE_PORT") != std::string_view::npos ||
         names_port_number(name) || is_port_link(name, value);
}

}  // namespace nx::config
