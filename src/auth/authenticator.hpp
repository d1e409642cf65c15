#pragma once
// Verifies bearer tokens with the JWKS of the identity service (docs/security.md#tokens). Never blocks the caller: a
// token whose key is cached is verified at once on the calling thread. Otherwise all callers share one background
// fetch, and the answer is posted to the caller's loop.

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
  /// Used instead of the URL: the key set of an issuer in this process. Called on the fetch thread; no HTTP request is
  /// made.
  std::function<Result<std::string>()> fetch_keys;
  std::chrono::milliseconds jwks_ttl{43'200'000};   // IGNIS cacheTtlMs
  std::chrono::milliseconds jwks_cooldown{30'000};  // IGNIS cooldownMs
  std::chrono::milliseconds jwks_timeout{5'000};    // of one fetch
  std::string jwks_tls_ca;                          // SIGNAL_JWKS_TLS_CA
  std::optional<std::string> issuer;                // checked when given
  std::optional<std::string> audience;              // checked when given
  bool refuse_dev_issuer = true;                    // `serve` always refuses iss nx-signal-dev; `dev` does not
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

  /// Calls `done` exactly once: before returning when the key is known (whatever the outcome), otherwise later on
  /// `home`. Must be called on the thread of `home`. `done` must not capture anything that may be destroyed earlier:
  /// capture a key and look it up again. A refusal is counted by reason and logged with `peer`, the client's address,
  /// at most once a second; the token is never logged. Returns false when `done` is called later, because the key that
  /// the token names is being fetched.
  bool authenticate(std::string token, runtime::EventLoop& home, std::function<void(AuthResult)> done,
                    std::string peer = {});

  /// Counts and logs a refusal that was decided without authenticate(), in the same way. Any thread.
  void refused(AuthError reason, std::string_view peer);

  /// Checked at each use of a token, also of tokens that are cached.
  Revocations& revocations();

  /// Counters for tests and metrics; any thread.
  struct Stats : KeySetStats {
    struct Refused {
      AuthError reason;
      std::uint64_t count;
    };
    std::array<Refused, kAuthErrors> refused{};  // one entry for every AuthError
  };
  Stats stats() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace nx::auth
