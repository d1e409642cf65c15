#pragma once
// From the text of a token to its claims, given the keys and the time. Pure; any thread.

#include <memory>
#include <string_view>

#include "auth/authenticator.hpp"
#include "auth/claim_rules.hpp"
#include "auth/key_set.hpp"
#include "auth/payload_keys.hpp"

namespace nx::auth {

struct TokenRules {
  ClaimRules claims;
  std::unique_ptr<const PayloadKeys> payload_keys;  // null: payloads are plain
  std::size_t max_token_bytes = 8 * 1024;

  /// Throws std::invalid_argument for an unknown payload cipher.
  static TokenRules from(const AuthOptions& options);
};

struct Verdict {
  AuthResult result;
  bool newer_keys_may_help = false;  // the set has no key that fits; a fresh one might
};

/// `keys` may be null: a token that no key could save is refused as what it is, every other with jwks_unreachable.
Verdict verify_token(std::string_view token, const KeySet* keys, const TokenRules& rules, EpochMs now);

}  // namespace nx::auth
