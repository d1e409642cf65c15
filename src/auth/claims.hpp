#pragma once
// What a verified token says. Value types.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/ids.hpp"
#include "model/time.hpp"

namespace nx::auth {

/// `userId` keeps its JSON type: `connected` repeats it, and `refresh` takes 5 and "5" for different users.
struct TokenUser {
  UserId id;               // text; an integer as its decimal text
  bool is_number = false;  // true when the claim was a JSON integer
  friend bool operator==(const TokenUser&, const TokenUser&) = default;
};

struct Claims {
  TokenUser user;
  EpochMs expires_at;                  // `exp`, without leeway
  std::optional<EpochMs> issued_at{};  // `iat`; none when it is missing, no number, or days ahead
  std::vector<std::string> roles;      // role identifiers
  bool admin_claim = false;            // the claim named by SIGNAL_ADMIN_CLAIM is there and true
};

enum class AuthError {
  malformed_token = 1,  // not three base64url parts, not JSON, over 8 KiB (RFC 7519 §3)
  refused_algorithm,    // none, HMAC, unknown, or not the key's own type
  refused_header,       // unknown `crit`
  unknown_key,          // no key, or more than one, fits after the one refetch that is allowed
  jwks_unreachable,     // the key set could not be fetched and the key is not cached
  bad_signature,
  expired,        // exp + leeway passed
  not_yet_valid,  // nbf − leeway not reached
  wrong_issuer,
  wrong_audience,
  bad_claims,     // no exp, no usable userId, or an encrypted payload that does not open
  revoked,        // an operator took the user's tokens back after it was issued
  missing_token,  // none was sent, or not as a bearer token
  // What a session refuses beside the token itself:
  bad_client_key,  // `clientPublicKey` is no usable key
  other_user,      // `refresh` with the good token of another user
};
inline constexpr std::size_t kAuthErrors = static_cast<std::size_t>(AuthError::other_user);

const char* to_text(AuthError error);  // for logs and metrics: the enumerator's name

}  // namespace nx::auth
