#pragma once
// The tokens that facts use: given ones, ones signed with the private key of the identity service, and forged ones.
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
  std::string token;          // a valid token
  std::string other_token;    // a valid token of another user
  std::string expired_token;  // an expired token
  std::string jwks_file;      // a JWK or a JWK set with a private P-256 key, with which the other tokens are made
};

class Tokens {
 public:
  /// The error is about the options: a file that cannot be read or that has no such key.
  static Result<Tokens> make(const TokenOptions& options);

  /// These functions throw Unchecked when the options that they need were not given.
  std::string good() const;
  std::string other_user() const;
  std::string expired() const;

  using Change = std::function<void(json::Value& claims)>;
  /// A token signed with the private key: the claims of good(), valid for an hour, with `change` applied.
  std::string minted(const Change& change = {}, std::string_view more_header = "") const;

  /// The claims of good(); std::nullopt when they are not a JSON object.
  std::optional<json::Value> claims() const;

  /// Forged tokens made of good().
  std::string with_other_user() const;    // another userId, with the old signature
  std::string without_signature() const;  // nothing after the last dot
  std::string without_algorithm() const;  // alg none, no signature
  std::string signed_by_own_key() const;  // a correct signature of a key that is only in the token's own header

 private:
  struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };
  using Key = std::shared_ptr<EVP_PKEY>;

  TokenOptions options_;
  Key key_;
  std::string kid_;
};

/// Sets the member, or removes it when `value` is std::nullopt.
void set_claim(json::Value& claims, std::string_view name, std::optional<json::Value> value);

}  // namespace nx::client::conform
