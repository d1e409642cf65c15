#pragma once
// Verifies a token and returns its claims, given the keys and the time. No I/O; any thread.

#include <memory>
#include <string_view>

#include "auth/authenticator.hpp"
#include "auth/claim_rules.hpp"
#include "auth/key_set.hpp"
#include "auth/payload_keys.hpp"

namespace nx::auth {

struct TokenRules {
  ClaimRules claims;
  std::unique_ptr<const PayloadKeys> payload_keys;  // null: payloads are not encrypted
  std::size_t max_token_bytes = 8 * 1024;

  /// Throws std::invalid_argument for an unknown payload cipher.
  static TokenRules from(const AuthOptions& options);
};

struct Verdict {
  AuthResult result;
  bool newer_keys_may_help = false;  // no key of the set fits, but a newly fetched set may have one
};

/// `keys` may be null. Then a token that is invalid with any key is refused for its own reason, and every other token
/// with jwks_unreachable.
Verdict verify_token(std::string_view token, const KeySet* keys, const TokenRules& rules, EpochMs now);

}  // namespace nx::auth
