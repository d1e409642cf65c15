#include "auth/claim_rules.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "auth/authenticator.hpp"

namespace nx::auth {
namespace {

constexpr double kLastSecond = 253'402'300'799;  // 9999-12-31T23:59:59Z, the last that ISO 8601 text can say

/// NumericDate (RFC 7519 §2): seconds, a fraction is allowed. Empty for no number.
std::optional<EpochMs> time_of(const json::Value& value) {
  if (!value.is_number()) return std::nullopt;
  // Not from_chars: it reports too small and too large alike. Beyond a double this is infinite, below it about 0.
  const double seconds = std::strtod(value.text().c_str(), nullptr);
  return EpochMs{std::llround(std::clamp(seconds, -kLastSecond, kLastSecond) * 1'000)};
}

/// Rooms, clients and users share one name space on the bus (contract §5): a user named like a room would hear the
/// room.
bool has_room_shape(std::string_view id) {
  return id.starts_with("org:") || id.starts_with("merchant:") || id.starts_with("ws:") || id == "ws-default" ||
         id == "ws-notification";
}

std::optional<TokenUser> user_of(const json::Value& payload) {
  const json::Value* claim = payload.find("userId");
  auto id = claim == nullptr ? std::nullopt : claim->as_id();
  if (!id || id->empty() || id->size() > kMaxIdBytes || has_room_shape(*id)) return std::nullopt;
  if (id->find('\0') != std::string::npos) return std::nullopt;  // no database can be asked about it
  if (claim->is_number() && *id == "0") return std::nullopt;
  return TokenUser{UserId{std::move(*id)}, claim->is_number()};
}

bool names_audience(const json::Value* aud, const std::string& audience) {
  const auto is_ours = [&](const json::Value& value) { return value.is_string() && value.text() == audience; };
  return aud != nullptr && (is_ours(*aud) || std::any_of(aud->items().begin(), aud->items().end(), is_ours));
}

/// `[{identifier, …}]`, or what ROLES_CODEC makes of it: `["id|identifier|priority"]` (wire facts 4.6). Other items
/// name no role.
std::vector<std::string> roles_of(const json::Value& payload) {
  std::vector<std::string> roles;
  const json::Value* claim = payload.find("roles");
  if (claim == nullptr) return roles;
  for (const json::Value& item : claim->items()) {
    if (const json::Value* identifier = item.find("identifier"); identifier != nullptr && identifier->is_string()) {
      roles.push_back(identifier->text());
    } else if (item.is_string()) {
      const std::string& text = item.text();
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

tl::expected<Claims, AuthError> read_claims(const json::Value& payload, const ClaimRules& rules, EpochMs now) {
  const auto bad = tl::unexpected(AuthError::bad_claims);
  const json::Value* exp = payload.find("exp");
  const auto expires_at = exp == nullptr ? std::nullopt : time_of(*exp);
  if (!expires_at) return bad;
  if (has_expired(*expires_at, now)) return tl::unexpected(AuthError::expired);
  if (const json::Value* nbf = payload.find("nbf"); nbf != nullptr) {
    const auto not_before = time_of(*nbf);
    if (!not_before) return bad;
    if (now.value < not_before->value - kLeeway.count()) return tl::unexpected(AuthError::not_yet_valid);
  }
  const json::Value* iss = payload.find("iss");
  const bool has_issuer = iss != nullptr && iss->is_string();
  if (rules.issuer && !(has_issuer && iss->text() == *rules.issuer)) return tl::unexpected(AuthError::wrong_issuer);
  if (rules.refuse_dev_issuer && has_issuer && iss->text() == kDevIssuer)
    return tl::unexpected(AuthError::wrong_issuer);
  if (rules.audience && !names_audience(payload.find("aud"), *rules.audience))
    return tl::unexpected(AuthError::wrong_audience);
  auto user = user_of(payload);
  if (!user) return bad;
  const json::Value* admin = rules.admin_claim.empty() ? nullptr : payload.find(rules.admin_claim);
  return Claims{std::move(*user), *expires_at, roles_of(payload),
                admin != nullptr && admin->kind() == json::Kind::boolean && admin->as_bool()};
}

}  // namespace nx::auth
