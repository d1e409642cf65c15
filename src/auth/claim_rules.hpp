#pragma once
// Checks and reads the claims of a correctly signed token (docs/security.md#claims). No I/O; any thread.

#include <chrono>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "auth/claims.hpp"
#include "json/document.hpp"

namespace nx::auth {

constexpr std::chrono::milliseconds kLeeway{5'000};  // for `exp` and `nbf`

struct ClaimRules {
  std::optional<std::string> issuer;
  std::optional<std::string> audience;
  bool refuse_dev_issuer = true;
  std::string admin_claim;
};

tl::expected<Claims, AuthError> read_claims(json::View payload, const ClaimRules& rules, EpochMs now);

/// Returns true from `exp` + leeway on.
bool has_expired(EpochMs expires_at, EpochMs now);

}  // namespace nx::auth
