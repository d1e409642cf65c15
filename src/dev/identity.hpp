#pragma once
// The identity service of `nx-signal dev`: one ES256 key, new at each start and never stored. Anyone gets a token for
// any user. `serve` refuses its issuer name (docs/security.md#nx-signal-dev). Const methods: any thread.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "json/value.hpp"
#include "model/result.hpp"
#include "model/time.hpp"

namespace nx::dev {

struct TokenRequest {
  json::Value user_id;             // a string or an integer: the claim keeps the type
  std::vector<std::string> roles;  // role identifiers, e.g. 999_super-admin (docs/security.md#claims)
  std::chrono::seconds lifetime{3'600};
};

class Identity {
 public:
  Identity();  // throws std::runtime_error if OpenSSL cannot create a key
  ~Identity();
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;

  /// The body of /jw-certs: a JWK set with the public key.
  const std::string& jwks() const { return jwks_; }

  /// A JWT with userId, roles, iss, iat, nbf, exp. Empty claims and invalid user ids are signed as requested, because
  /// the gateway has to refuse them.
  Result<std::string> token(const TokenRequest& request, EpochMs now) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::string key_id_;
  std::string jwks_;
};

/// The time for which a client may keep the key set, the same as in IGNIS's JWKSIssuerTokenService.
inline constexpr const char* kJwksCacheControl = "public, max-age=3600, stale-while-revalidate=86400";

}  // namespace nx::dev
