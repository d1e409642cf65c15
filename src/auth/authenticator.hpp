#pragma once
// Verifies bearer tokens against the identity service's JWKS (docs/security.md#tokens). Never blocks the caller: a
// token whose key is cached is verified at once on the calling thread; otherwise one background fetch is shared and the
// answer comes back to the caller's loop.

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "auth/claims.hpp"
#include "auth/key_set_stats.hpp"
#include "auth/revocations.hpp"
#include "model/result.hpp"
#include "observe/log.hpp"
#include "runtime/event_loop.hpp"

namespace nx::auth {

struct AuthOptions {
  std::string jwks_url;  // SIGNAL_JWKS_URL
  /// Instead of the URL: the key set of an issuer in this process. Called on the fetch thread; no HTTP is spoken.
  std::function<Result<std::string>()> fetch_keys;
  std::chrono::milliseconds jwks_ttl{43'200'000};   // IGNIS cacheTtlMs
  std::chrono::milliseconds jwks_cooldown{30'000};  // IGNIS cooldownMs
  std::chrono::milliseconds jwks_timeout{5'000};    // one fetch
  std::string jwks_tls_ca;                          // SIGNAL_JWKS_TLS_CA
  std::optional<std::string> issuer;                // checked when given
  std::optional<std::string> audience;              // checked when given
  bool refuse_dev_issuer = true;                    // `serve` refuses iss nx-signal-dev always; `dev` does not
  std::string application_secret;                   // empty: payload claims are not encrypted
  std::string payload_cipher = "auto";     // auto, aes-256-cbc, aes-256-gcm (docs/security.md#encrypted-claims)
  std::string admin_claim;                 // SIGNAL_ADMIN_CLAIM
  std::size_t max_token_bytes = 8 * 1024;  // docs/protocol.md#handshake
  std::size_t token_cache_entries = 10'000;
};

/// The issuer name of `nx-signal dev` (docs/security.md#nx-signal-dev).
inline constexpr std::string_view kDevIssuer = "nx-signal-dev";

using AuthResult = tl::expected<Claims, AuthError>;

class Authenticator {
 public:
  Authenticator(AuthOptions options, const observe::Logger& log);
  ~Authenticator();  // ends the fetch thread within the fetch time-out; pending callbacks are dropped
  Authenticator(const Authenticator&) = delete;
  Authenticator& operator=(const Authenticator&) = delete;

  /// Calls `done` exactly once: before returning when the key is known (any outcome), else later on `home`. Must be
  /// called on home's thread. `done` must not capture what may die first: capture a key to look it up again. A refusal
  /// is counted by reason and logged with `peer`, the client's address, at most once a second; the token never is.
  /// False when the answer is still to come: the token names a key that is being fetched.
  bool authenticate(std::string token, runtime::EventLoop& home, std::function<void(AuthResult)> done,
                    std::string peer = {});

  /// Counts and logs what was refused without asking, as authenticate() does. Any thread.
  void refused(AuthError reason, std::string_view peer);

  /// Held against each token at each use, those that were verified before included.
  Revocations& revocations();

  /// Counters for tests and metrics; any thread.
  struct Stats : KeySetStats {
    struct Refused {
      AuthError reason;
      std::uint64_t count;
    };
    std::array<Refused, kAuthErrors> refused{};  // every reason there is
  };
  Stats stats() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace nx::auth
