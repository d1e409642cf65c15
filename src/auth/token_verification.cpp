#include "auth/token_verification.hpp"

#include <stdexcept>

#include "auth/compact_token.hpp"

namespace nx::auth {

TokenRules TokenRules::from(const AuthOptions& options) {
  TokenRules rules{{options.issuer, options.audience, options.refuse_dev_issuer, options.admin_claim},
                   nullptr,
                   options.max_token_bytes};
  const auto cipher = payload_cipher_of(options.payload_cipher);
  if (!cipher) throw std::invalid_argument("payload cipher " + options.payload_cipher);
  if (!options.application_secret.empty())
    rules.payload_keys = std::make_unique<PayloadKeys>(options.application_secret, *cipher);
  return rules;
}

Verdict verify_token(std::string_view text, const KeySet* keys, const TokenRules& rules, EpochMs now) {
  const auto refused = [](AuthError error, bool newer_keys_may_help = false) {
    return Verdict{tl::unexpected(error), newer_keys_may_help};
  };
  auto token = parse_compact_token(text, rules.max_token_bytes);
  if (!token) return refused(token.error());
  if (keys == nullptr) return refused(AuthError::jwks_unreachable, true);
  const auto [found, key] = keys->select(token->algorithm, token->kid);
  switch (found) {
    case KeySet::Found::none:
      return refused(AuthError::unknown_key, true);
    case KeySet::Found::unfit:
      return refused(AuthError::refused_algorithm, true);
    case KeySet::Found::several:
      return refused(AuthError::unknown_key);
    case KeySet::Found::one:
      break;
  }
  if (!key->verify(token->algorithm, token->signed_text, token->signature)) return refused(AuthError::bad_signature);
  if (!rules.payload_keys) return {read_claims(token->payload.root(), rules.claims, now)};
  const auto payload = rules.payload_keys->open(token->payload.root());
  if (!payload) return refused(AuthError::bad_claims);
  return {read_claims(payload->root(), rules.claims, now)};
}

}  // namespace nx::auth
