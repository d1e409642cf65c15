#pragma once
// The content of a verified token. Value types.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/ids.hpp"
#include "model/time.hpp"

namespace nx::auth {

/// `userId` keeps its JSON type: `connected` repeats it, and for `refresh` 5 and "5" are different users.
struct TokenUser {
  UserId id;               // text; an integer is stored as its decimal text
  bool is_number = false;  // true when the claim was a JSON integer
  friend bool operator==(const TokenUser&, const TokenUser&) = default;
};

struct Claims {
  TokenUser user;
  EpochMs expires_at;  // `exp`, without leeway
  std::optional<EpochMs>
      issued_at{};                 // `iat`; unset when it is missing, not a number, or more than a day in the future
  std::vector<std::string> roles;  // role identifiers
  bool admin_claim = false;        // the claim named by SIGNAL_ADMIN_CLAIM is present and true
};

enum class AuthError {
  malformed_token = 1,  // not three base64url parts, not JSON, over 8 KiB (RFC 7519 §3)
  refused_algorithm,    // none, HMAC, unknown, or not of the key's type
  refused_header,       // unknown `crit`
  unknown_key,          // no key, or more than one, fits, even after the one refetch that is allowed
  jwks_unreachable,     // the key set could not be fetched and the key is not cached
  bad_signature,
  expired,        // exp + leeway passed
  not_yet_valid,  // nbf − leeway not reached
  wrong_issuer,
  wrong_audience,
  bad_claims,     // no exp, no usable userId, or an encrypted payload that cannot be decrypted
  revoked,        // an operator revoked the user's tokens after this one was issued
  missing_token,  // no token was sent, or not as a bearer token
  // Refusals of a session that do not concern the token itself:
  bad_client_key,  // `clientPublicKey` is not a usable key
  other_user,      // `refresh` with a valid token of another user
};
inline constexpr std::size_t kAuthErrors = static_cast<std::size_t>(AuthError::other_user);

const char* to_text(AuthError error);  // the name of the enumerator, for logs and metrics

}  // namespace nx::auth
