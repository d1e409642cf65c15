#include "transport/host_names.hpp"

#include <algorithm>
#include <array>
#include <unistd.h>

#include "model/host_port.hpp"
#include "transport/http_token.hpp"
#include "transport/ip_address.hpp"

namespace nx::transport {
namespace {

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == text.npos;
}

// The name or address of a Host header (RFC 9110 §7.2); empty when the header is invalid.
std::string_view name_of(std::string_view host) {
  const auto colon = host.rfind(':');
  const auto bracket = host.rfind(']');
  const bool has_port = colon != host.npos && (bracket == host.npos || colon > bracket);
  if (has_port && !is_port(host.substr(colon + 1))) return {};
  const std::string_view name = has_port ? host.substr(0, colon) : host;
  const std::string_view bare = without_brackets(name);
  const bool v6 = bare.find(':') != bare.npos;
  return v6 == (bare.size() != name.size()) ? bare : std::string_view{};
}

std::string machine_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : std::string();
}

}  // namespace

HostNames HostNames::loopback() {
  HostNames own;
  own.names_ = {"localhost", "127.0.0.1", "::1"};
  return own;
}

HostNames HostNames::of_listener(std::string_view host) {
  const std::string_view bare = without_brackets(host);
  const auto address = IpAddress::parse(bare);
  const bool local = same_ignoring_case(bare, "localhost") || (address && address->is_loopback());
  const bool any = bare.empty() || bare == "0.0.0.0" || bare == "::";
  HostNames own = local || any ? loopback() : HostNames();
  own.any_address_ = any;
  if (any) own.names_.push_back(machine_name());
  if (!bare.empty()) own.names_.emplace_back(bare);
  return own;
}

bool HostNames::has(std::string_view host) const {
  const std::string_view name = name_of(host);
  if (name.empty()) return false;
  const auto address = IpAddress::parse(name);
  if (address && any_address_) return true;
  return std::ranges::any_of(names_, [&](const std::string& own) {
    return same_ignoring_case(own, name) || (address && IpAddress::parse(own) == address);
  });
}

}  // namespace nx::transport
