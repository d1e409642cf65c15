#pragma once
// SIGNAL_CORS_ORIGINS: which pages may read REST answers (Fetch Standard, CORS protocol) and open a socket. Credentials
// are never allowed. Without rules there is no CORS: no header is added, and a preflight is handled like any other
// request. Immutable; any thread.

#include <string>
#include <string_view>
#include <vector>

#include "transport/http_message.hpp"

namespace nx::gateway {

class OriginPolicy {
 public:
  /// Each rule is an origin as browsers write it. `https://*.pos.example` matches every subdomain of pos.example, but
  /// not pos.example itself.
  explicit OriginPolicy(std::vector<std::string> rules);

  /// A request without Origin is allowed: native clients do not send it.
  bool allows(std::string_view origin) const;

  /// Adds the headers that let the page of `origin` read the answer. Adds none when `origin` is empty or not allowed.
  void allow_reading(transport::HttpResponse& response, std::string_view origin) const;

  bool is_preflight(const transport::HttpRequest& request) const;
  /// The answer to a preflight, without the headers of allow_reading().
  transport::HttpResponse preflight(const transport::HttpRequest& request) const;

 private:
  static bool matches(std::string_view origin, std::string_view rule);

  std::vector<std::string> rules_;
  bool any_ = false;
};

}  // namespace nx::gateway
