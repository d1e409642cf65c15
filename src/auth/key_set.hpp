#pragma once
// A JWK set (RFC 7517 §5) reduced to what can verify: kid, alg and the key. Immutable; any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/verification_key.hpp"
#include "json/value.hpp"
#include "model/result.hpp"

namespace nx::auth {

constexpr std::size_t kMaxKeys = 64;  // docs/security.md#the-key-set

class KeySet {
 public:
  /// Refuses the whole set when it is no `{"keys":[{…}…]}` or has more than kMaxKeys entries. An entry that is
  /// not for verification is left out, and so is one of an unknown kty, curve or alg, with an alg of another type, or
  /// with a key that fails its checks: one bad key does not lock everybody out. All but `use: enc` are named in
  /// unusable().
  static Result<KeySet> parse(std::string_view json);

  enum class Found { one, none, several, unfit };  // unfit: the kid is there, but not with a key for this algorithm
  struct Selection {
    Found found;
    const VerificationKey* key;  // with Found::one; lives as long as the set
  };
  /// As LocalJWKSet of the npm package jose, which IGNIS verifies with: by type and curve of the algorithm, `kid` when
  /// the token names one, `alg` when the key does.
  Selection select(Algorithm algorithm, const std::optional<std::string>& kid) const;

  std::size_t size() const { return entries_.size(); }

  struct Unusable {
    std::string kid;  // as the set has it, shortened; without one, which it is: `#2`
    std::string why;
  };
  const std::vector<Unusable>& unusable() const { return unusable_; }

 private:
  struct Entry {
    std::optional<std::string> kid;
    std::optional<std::string> alg;
    VerificationKey key;
  };
  void take(const json::Value& jwk, std::size_t number);

  std::vector<Entry> entries_;
  std::vector<Unusable> unusable_;
};

}  // namespace nx::auth
