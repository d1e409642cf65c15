#include "auth/authenticator.hpp"

#include <cassert>

#include "auth/key_set_source.hpp"
#include "auth/token_cache.hpp"
#include "auth/token_verification.hpp"
#include "crypto/digest.hpp"
#include "http_client/plain_url.hpp"
#include "observe/counter.hpp"

namespace nx::auth {

/// Shared with tasks posted to a loop. They hold it weakly, so that nothing is answered after the authenticator is
/// destroyed.
struct Authenticator::State : std::enable_shared_from_this<State> {
  const TokenRules rules;
  TokenCache cache;
  Revocations revocations;
  KeySetSource source;

  State(const AuthOptions& options, const observe::Logger& log_in)
      : rules(TokenRules::from(options)),
        cache(options.token_cache_entries),
        source({options.jwks_url, options.fetch_keys, options.jwks_ttl, options.jwks_cooldown, options.jwks_timeout,
                options.jwks_tls_ca},
               log_in, [this] { cache.clear(); }),
        log(log_in) {}

  const observe::Logger& log;
  observe::LogGate refused_gate;
  std::array<observe::SharedCounter, kAuthErrors> refused;

  using Done = std::function<void(AuthResult)>;

  Done counted(Done done, std::string peer) {
    return [self = weak_from_this(), done = std::move(done), peer = std::move(peer)](AuthResult result) {
      if (const auto state = result ? nullptr : self.lock()) state->note_refused(result.error(), peer);
      done(std::move(result));
    };
  }
  void note_refused(AuthError reason, std::string_view peer) {
    refused[static_cast<std::size_t>(reason) - 1].add();
    std::int64_t suppressed = 0;
    if (!refused_gate.pass(suppressed)) return;
    log.warn("token refused", {{"reason", to_text(reason)}, {"peer", peer}, {"suppressed", suppressed}});
  }
  enum class Attempt { first, last };

  /// Returns false when `done` waits for a fetch.
  bool attempt(std::string token, runtime::EventLoop& home, Done done, Attempt number) {
    const auto seen = source.current();
    Verdict verdict = judge(token, seen);
    if (!verdict.newer_keys_may_help || number == Attempt::last) {
      done(std::move(verdict.result));
      return true;
    }
    // std::function copies its captures; a shared block is moved through the fetch thread instead.
    struct Pending {
      std::string token;
      Done done;
    };
    auto pending = std::make_shared<Pending>(Pending{std::move(token), std::move(done)});
    const auto wait = source.wait_for_fetch(seen, [self = weak_from_this(), pending, &home] {
      home.post([self, pending, &home] {
        if (const auto state = self.lock())
          state->attempt(std::move(pending->token), home, std::move(pending->done), Attempt::last);
      });
    });
    if (wait == KeySetSource::Wait::joined) return false;
    if (wait == KeySetSource::Wait::refused) {
      pending->done(std::move(verdict.result));
      return true;
    }
    return attempt(std::move(pending->token), home, std::move(pending->done), Attempt::last);
  }

  Verdict judge(const std::string& token, const KeySetSource::Current& current) {
    const EpochMs now = now_wall();
    if (current.keys == nullptr || token.size() > rules.max_token_bytes)
      return verify_token(token, current.keys.get(), rules, now);
    const TokenDigest digest = crypto::sha256(token);
    if (auto claims = cache.find(digest, current.generation, now)) return unless_revoked({std::move(*claims)});
    Verdict verdict = verify_token(token, current.keys.get(), rules, now);
    if (verdict.result) cache.keep(digest, current.generation, *verdict.result);
    return unless_revoked(std::move(verdict));
  }

  /// Checked for cached tokens too: the tokens of the user may have been revoked since they were verified.
  Verdict unless_revoked(Verdict verdict) const {
    if (verdict.result && revocations.cover(*verdict.result)) return {tl::unexpected(AuthError::revoked)};
    return verdict;
  }
};

Authenticator::Authenticator(AuthOptions options, const observe::Logger& log)
    : state_(std::make_shared<State>(options, log)) {
  if (http_client::is_plain_off_loopback(options.jwks_url)) {
    log.warn("the key set is fetched over plain HTTP",
             {{"setting", "SIGNAL_JWKS_URL"}, {"risk", "an attacker on the network path can forge tokens"}});
  }
}

// A loop inside attempt() may hold the last reference to the state; the fetch thread is stopped here anyway.
Authenticator::~Authenticator() {
  state_->source.stop();
}

bool Authenticator::authenticate(std::string token, runtime::EventLoop& home, std::function<void(AuthResult)> done,
                                 std::string peer) {
  assert(home.is_home());
  auto counted = state_->counted(std::move(done), std::move(peer));
  if (token.empty()) return counted(tl::unexpected(AuthError::missing_token)), true;
  return state_->attempt(std::move(token), home, std::move(counted), State::Attempt::first);
}

void Authenticator::refused(AuthError reason, std::string_view peer) {
  state_->note_refused(reason, peer);
}

Revocations& Authenticator::revocations() {
  return state_->revocations;
}

Authenticator::Stats Authenticator::stats() const {
  Stats stats{state_->source.stats(), {}};
  for (std::size_t i = 0; i < kAuthErrors; ++i) {
    stats.refused[i] = {static_cast<AuthError>(i + 1), state_->refused[i].value()};
  }
  return stats;
}

}  // namespace nx::auth
