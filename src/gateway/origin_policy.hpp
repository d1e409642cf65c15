#pragma once
// SIGNAL_CORS_ORIGINS: which pages may read REST answers (Fetch Standard, CORS protocol) and open a socket. Never with
// credentials. Without rules there is no CORS: nothing is added, and a preflight is a request like others. Immutable;
// any thread.

#include <string>
#include <string_view>
#include <vector>

#include "transport/http_message.hpp"

namespace nx::gateway {

class OriginPolicy {
 public:
  /// Each an origin as browsers write it; `https://*.pos.example` is every subdomain of pos.example, and not itself.
  explicit OriginPolicy(std::vector<std::string> rules);

  /// No Origin passes: native clients send none.
  bool allows(std::string_view origin) const;

  /// Adds what lets the page of `origin` read the answer; nothing for none and for others.
  void allow_reading(transport::HttpResponse& response, std::string_view origin) const;

  bool is_preflight(const transport::HttpRequest& request) const;
  /// Without what allow_reading() adds.
  transport::HttpResponse preflight(const transport::HttpRequest& request) const;

 private:
  static bool matches(std::string_view origin, std::string_view rule);

  std::vector<std::string> rules_;
  bool any_ = false;
};

}  // namespace nx::gateway
