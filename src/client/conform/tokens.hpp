#pragma once
// The tokens that facts are asked with: given ones, ones made with the identity service's private key, and forgeries.
// Value type.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <openssl/evp.h>

#include "json/value.hpp"
#include "model/result.hpp"

namespace nx::client::conform {

struct TokenOptions {
  std::string token;          // a good one
  std::string other_token;    // of another user
  std::string expired_token;  // that was good
  std::string jwks_file;      // a JWK or a JWK set with a private P-256 key: the others are made with it
};

class Tokens {
 public:
  /// The error is of the options: a file that can not be read or has no such key.
  static Result<Tokens> make(const TokenOptions& options);

  /// Throw Unchecked where what they need was not given.
  std::string good() const;
  std::string other_user() const;
  std::string expired() const;

  using Change = std::function<void(json::Value& claims)>;
  /// A token signed with the private key: the claims of good(), fresh for an hour, changed.
  std::string minted(const Change& change = {}, std::string_view more_header = "") const;

  /// The claims of good(); none when they are no JSON object.
  std::optional<json::Value> claims() const;

  /// Forgeries of good().
  std::string with_other_user() const;    // another userId under the old signature
  std::string without_signature() const;  // nothing behind the last dot
  std::string without_algorithm() const;  // alg none, no signature
  std::string signed_by_own_key() const;  // signed well, by a key that its own header brings along

 private:
  struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };
  using Key = std::shared_ptr<EVP_PKEY>;

  TokenOptions options_;
  Key key_;
  std::string kid_;
};

/// Sets the member, or takes it away where there is no value.
void set_claim(json::Value& claims, std::string_view name, std::optional<json::Value> value);

}  // namespace nx::client::conform
