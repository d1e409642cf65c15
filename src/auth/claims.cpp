#include "auth/claims.hpp"

namespace nx::auth {

const char* to_text(AuthError error) {
  switch (error) {
    case AuthError::malformed_token:
      return "malformed_token";
    case AuthError::refused_algorithm:
      return "refused_algorithm";
    case AuthError::refused_header:
      return "refused_header";
    case AuthError::unknown_key:
      return "unknown_key";
    case AuthError::jwks_unreachable:
      return "jwks_unreachable";
    case AuthError::bad_signature:
      return "bad_signature";
    case AuthError::expired:
      return "expired";
    case AuthError::not_yet_valid:
      return "not_yet_valid";
    case AuthError::wrong_issuer:
      return "wrong_issuer";
    case AuthError::wrong_audience:
      return "wrong_audience";
    case AuthError::bad_claims:
      return "bad_claims";
    case AuthError::revoked:
      return "revoked";
    case AuthError::missing_token:
      return "missing_token";
    case AuthError::bad_client_key:
      return "bad_client_key";
    case AuthError::other_user:
      return "other_user";
  }
  return "";
}

}  // namespace nx::auth
