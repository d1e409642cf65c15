#pragma once
// A JWK set (RFC 7517 §5), reduced to what verification needs: kid, alg and the key. Immutable; any thread.

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
  /// Refuses the whole set when it is not `{"keys":[{…}…]}` or has more than kMaxKeys entries. Leaves out an entry that
  /// is not for verification, that has an unknown kty, curve or alg, an alg of another key type, or a key that fails
  /// its checks: so one bad key does not lock out all users. All entries left out, except those with `use: enc`, are
  /// listed in unusable().
  static Result<KeySet> parse(std::string_view json);

  enum class Found { one, none, several, unfit };  // unfit: a key with this kid exists, but not for this algorithm
  struct Selection {
    Found found;
    const VerificationKey* key;  // set with Found::one; lives as long as the set
  };
  /// Selects as LocalJWKSet of the npm package jose does, with which IGNIS verifies: by the algorithm's type and curve,
  /// by `kid` when the token has one, by `alg` when the key has one.
  Selection select(Algorithm algorithm, const std::optional<std::string>& kid) const;

  std::size_t size() const { return entries_.size(); }

  struct Unusable {
    std::string kid;  // as in the set, shortened; the position (`#2`) when the key has none
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
