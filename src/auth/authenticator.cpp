#include "auth/authenticator.hpp"

#include <cassert>

#include "auth/key_set_source.hpp"
#include "auth/token_cache.hpp"
#include "auth/token_verification.hpp"
#include "crypto/digest.hpp"

namespace nx::auth {

/// Shared with tasks that are on their way to a loop; they hold it weakly, so that nothing is answered after the end.
struct Authenticator::State : std::enable_shared_from_this<State> {
  const TokenRules rules;
  TokenCache cache;
  KeySetSource source;

  State(const AuthOptions& options, const observe::Logger& log)
      : rules(TokenRules::from(options)),
        cache(options.token_cache_entries),
        source({options.jwks_url, options.fetch_keys, options.jwks_ttl, options.jwks_cooldown, options.jwks_timeout},
               log, [this] { cache.clear(); }) {}

  using Done = std::function<void(AuthResult)>;
  enum class Attempt { first, last };

  void attempt(std::string token, runtime::EventLoop& home, Done done, Attempt number) {
    const auto seen = source.current();
    Verdict verdict = judge(token, seen);
    if (!verdict.newer_keys_may_help || number == Attempt::last) return done(std::move(verdict.result));
    // std::function copies what it holds; one shared block moves through the fetch thread instead.
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
    if (wait == KeySetSource::Wait::refused) return pending->done(std::move(verdict.result));
    if (wait == KeySetSource::Wait::changed)
      attempt(std::move(pending->token), home, std::move(pending->done), Attempt::last);
  }

  Verdict judge(const std::string& token, const KeySetSource::Current& current) {
    const EpochMs now = now_wall();
    if (current.keys == nullptr || token.size() > rules.max_token_bytes)
      return verify_token(token, current.keys.get(), rules, now);
    const TokenDigest digest = crypto::sha256(token);
    if (auto claims = cache.find(digest, current.generation, now)) return {std::move(*claims)};
    Verdict verdict = verify_token(token, current.keys.get(), rules, now);
    if (verdict.result) cache.keep(digest, current.generation, *verdict.result);
    return verdict;
  }
};

Authenticator::Authenticator(AuthOptions options, const observe::Logger& log)
    : state_(std::make_shared<State>(options, log)) {
  if (is_plain_off_loopback(options.jwks_url)) {
    log.warn("the key set comes over plain HTTP",
             {{"setting", "SIGNAL_JWKS_URL"}, {"risk", "whoever is on the way can forge tokens"}});
  }
}

// A loop may be inside attempt() with the last reference; the fetch thread ends here all the same.
Authenticator::~Authenticator() {
  state_->source.stop();
}

void Authenticator::authenticate(std::string token, runtime::EventLoop& home, std::function<void(AuthResult)> done) {
  assert(home.is_home());
  state_->attempt(std::move(token), home, std::move(done), State::Attempt::first);
}

Authenticator::Stats Authenticator::stats() const {
  const auto [fetches, failed, keys] = state_->source.stats();
  return {fetches, failed, keys};
}

}  // namespace nx::auth
