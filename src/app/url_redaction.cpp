#include "app/url_redaction.hpp"

namespace nx::app {
namespace {

constexpr std::string_view kAfterScheme = "://";

struct Parts {
  std::string_view scheme;  // with `://`; empty when there is none
  std::string_view rest;
};

Parts parts_of(std::string_view url) {
  const std::size_t at = url.find(kAfterScheme);
  if (at == std::string_view::npos) return {{}, url};
  return {url.substr(0, at + kAfterScheme.size()), url.substr(at + kAfterScheme.size())};
}

}  // namespace

std::string redact_url(std::string_view url) {
  const auto [scheme, rest] = parts_of(url);
  if (scheme.empty()) return std::string(url.substr(0, url.find('?')));
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  const std::size_t at = authority.rfind('@');
  const std::string_view shown = rest.substr(0, rest.find_first_of("?#"));
  if (at != std::string_view::npos) {
    // A second `@` behind the authority may still belong to the password.
    const bool ambiguous = rest.find('@', authority.size()) != std::string_view::npos;
    return std::string(scheme) + "***@" + std::string(ambiguous ? "***" : shown.substr(at + 1));
  }
  if (rest.find('@') != std::string_view::npos && authority.find(':') != std::string_view::npos)
    return std::string(scheme) + "***";
  return std::string(scheme) + std::string(shown);
}

bool url_has_password(std::string_view url) {
  const std::string_view rest = parts_of(url).rest;
  const std::size_t at = rest.rfind('@');
  return at != std::string_view::npos && rest.substr(0, at).find(':') != std::string_view::npos;
}

}  // namespace nx::app
