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

constexpr std::size_t kMaxKeys = 64;  // contract §9

class KeySet {
 public:
  /// Refuses the whole set when it is no `{"keys":[{…}…]}` or has more than kMaxKeys entries. An entry of an unknown
  /// kty or curve, for another use than verification, or with a key that fails its checks is left out: one bad key does
  /// not lock everybody out.
  static Result<KeySet> parse(std::string_view json);

  enum class Found { one, none, several, unfit };  // unfit: the kid is there, but not with a key for this algorithm
  struct Selection {
    Found found;
    const VerificationKey* key;  // with Found::one; lives as long as the set
  };
  /// As jose's LocalJWKSet (wire facts 4.3): by type and curve of the algorithm, `kid` when the token names one, `alg`
  /// when the key does.
  Selection select(Algorithm algorithm, const std::optional<std::string>& kid) const;

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::optional<std::string> kid;
    std::optional<std::string> alg;
    VerificationKey key;
  };
  static std::optional<Entry> entry_of(const json::Value& jwk);

  std::vector<Entry> entries_;
};

}  // namespace nx::auth
