#include "auth/compact_token.hpp"

namespace nx::auth {
namespace {

std::optional<json::Document> object_of(std::string_view part, json::ReadLimits limits) {
  const auto bytes = crypto::base64url_decode(part);
  if (!bytes) return std::nullopt;
  auto value = json::Document::read({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, limits);
  if (!value || !value->root().is_object()) return std::nullopt;
  return std::move(*value);
}

}  // namespace

tl::expected<CompactToken, AuthError> parse_compact_token(std::string_view token, std::size_t max_bytes) {
  const auto malformed = tl::unexpected(AuthError::malformed_token);
  if (token.size() > max_bytes) return malformed;
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return malformed;

  const auto header = object_of(token.substr(0, first), {});
  if (!header) return malformed;
  // No extension is supported, so every critical one is unknown (RFC 7515 §4.1.11).
  constexpr std::array<std::string_view, 3> kNames{"crit", "alg", "kid"};
  const auto [crit, alg, kid] = header->root().pick(kNames);
  if (crit) return tl::unexpected(AuthError::refused_header);
  if (!alg.is_string() || (kid && !kid.is_string())) return malformed;
  const auto algorithm = algorithm_of(alg.text());
  if (!algorithm) return tl::unexpected(AuthError::refused_algorithm);

  // A name or a title that was cut within an emoji is accepted here; read_claims() refuses such a user id.
  auto payload =
      object_of(token.substr(first + 1, second - first - 1), {.lone_surrogates = json::LoneSurrogates::replaced});
  auto signature = crypto::base64url_decode(token.substr(second + 1));
  if (!payload || !signature) return malformed;
  return CompactToken{*algorithm, kid ? std::optional(kid.text()) : std::nullopt, token.substr(0, second),
                      std::move(*payload), std::move(*signature)};
}

}  // namespace nx::auth
