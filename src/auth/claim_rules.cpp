#include "auth/claim_rules.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "auth/authenticator.hpp"
#include "model/room_name.hpp"

namespace nx::auth {
namespace {

constexpr double kLastSecond = 253'402'300'799;  // 9999-12-31T23:59:59Z, the last second that ISO 8601 text can express

/// A NumericDate (RFC 7519 §2): seconds, possibly with a fraction. std::nullopt when `value` is not a number.
std::optional<EpochMs> time_of(json::View value) {
  if (!value.is_number()) return std::nullopt;
  // Not from_chars, which reports numbers that are too small and too large in the same way. Here a number too large for
  // a double becomes infinite, and one too small about 0.
  const double seconds = std::strtod(std::string(value.raw()).c_str(), nullptr);
  return EpochMs{std::llround(std::clamp(seconds, -kLastSecond, kLastSecond) * 1'000)};
}

/// When the token was issued. A time so far in the future that no clock error explains it (milliseconds instead of
/// seconds) is ignored: a token with it could never be revoked.
std::optional<EpochMs> issued_at_of(json::View payload, EpochMs now) {
  constexpr std::int64_t kDayMs = 86'400'000;
  const auto issued_at = time_of(payload.find("iat"));
  return issued_at && issued_at->value <= now.value + kDayMs ? issued_at : std::nullopt;
}

std::optional<TokenUser> user_of(json::View payload) {
  const json::View claim = payload.find("userId");
  auto id = claim.as_id();
  if (!id || id->empty() || id->size() > kMaxIdBytes) return std::nullopt;
  // Rooms, clients and users share one name space on the bus (docs/protocol.md#the-form-with-topic).
  if (is_reserved_name(*id)) return std::nullopt;
  if (claim.was_cut()) return std::nullopt;                      // an incomplete character cannot identify a user
  if (id->find('\0') != std::string::npos) return std::nullopt;  // no database accepts it
  if (claim.is_number() && *id == "0") return std::nullopt;
  return TokenUser{UserId{std::move(*id)}, claim.is_number()};
}

/// A claim that was cut within a character does not equal the setting, even where the setting has U+FFFD in that place.
bool is_name(json::View claim, std::string_view name) {
  return claim.text_is(name) && !claim.was_cut();
}

bool names_audience(json::View aud, const std::string& audience) {
  if (is_name(aud, audience)) return true;
  for (const json::View item : aud.items()) {
    if (is_name(item, audience)) return true;
  }
  return false;
}

/// Roles are `[{identifier, …}]`, or the output of ROLES_CODEC: `["id|identifier|priority"]` (docs/security.md#claims).
/// Other items are ignored.
std::vector<std::string> roles_of(json::View payload) {
  std::vector<std::string> roles;
  const json::View claim = payload.find("roles");
  for (const json::View item : claim.items()) {
    if (json::View identifier = item.find("identifier"); identifier.is_string()) {
      if (!identifier.was_cut()) roles.push_back(identifier.text());
    } else if (item.is_string() && !item.was_cut()) {
      const std::string text = item.text();
      const std::size_t first = text.find('|');
      const std::size_t last = text.rfind('|');
      if (first != std::string::npos && first < last) roles.push_back(text.substr(first + 1, last - first - 1));
    }
  }
  return roles;
}

}  // namespace

bool has_expired(EpochMs expires_at, EpochMs now) {
  return now.value >= expires_at.value + kLeeway.count();
}

tl::expected<Claims, AuthError> read_claims(json::View payload, const ClaimRules& rules, EpochMs now) {
  const auto bad = tl::unexpected(AuthError::bad_claims);
  const json::View exp = payload.find("exp");
  const auto expires_at = time_of(exp);
  if (!expires_at) return bad;
  if (has_expired(*expires_at, now)) return tl::unexpected(AuthError::expired);
  if (json::View nbf = payload.find("nbf"); nbf) {
    const auto not_before = time_of(nbf);
    if (!not_before) return bad;
    if (now.value < not_before->value - kLeeway.count()) return tl::unexpected(AuthError::not_yet_valid);
  }
  const json::View iss = payload.find("iss");
  if (rules.issuer && !is_name(iss, *rules.issuer)) return tl::unexpected(AuthError::wrong_issuer);
  if (rules.refuse_dev_issuer && iss.text_is(kDevIssuer)) return tl::unexpected(AuthError::wrong_issuer);
  if (rules.audience && !names_audience(payload.find("aud"), *rules.audience))
    return tl::unexpected(AuthError::wrong_audience);
  auto user = user_of(payload);
  if (!user) return bad;
  const json::View admin = rules.admin_claim.empty() ? json::View{} : payload.find(rules.admin_claim);
  return Claims{.user = std::move(*user),
                .expires_at = *expires_at,
                .issued_at = issued_at_of(payload, now),
                .roles = roles_of(payload),
                .admin_claim = admin.is_true()};
}

}  // namespace nx::auth
