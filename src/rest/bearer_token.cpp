#include "rest/bearer_token.hpp"

namespace nx::rest {

std::optional<std::string> bearer_token(const transport::HttpRequest& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view header = request.header("authorization");
  if (!header.starts_with(kScheme)) return std::nullopt;
  const std::string_view token = header.substr(kScheme.size());
  if (token.empty() || token.find(' ') != std::string_view::npos) return std::nullopt;
  return std::string{token};
}

}  // namespace nx::rest
