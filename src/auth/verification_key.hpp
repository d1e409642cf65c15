#pragma once
// A public key of the identity service, checked when it is made: the point must be on its curve, an RSA key must have
// 2048–8192 bits. Immutable; any thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "auth/algorithm.hpp"

struct evp_pkey_st;

namespace nx::auth {

using Octets = std::span<const std::uint8_t>;

class VerificationKey {
 public:
  // Numbers are big-endian octets as in RFC 7518 §6 and RFC 8037 §2. std::nullopt when the key is refused.
  static std::optional<VerificationKey> elliptic(KeyKind curve, Octets x_given, Octets y_given);
  static std::optional<VerificationKey> rsa(Octets modulus, Octets exponent);
  static std::optional<VerificationKey> edwards(KeyKind curve, Octets x);

  KeyKind kind() const { return kind_; }
  bool is_same(const VerificationKey& other) const;

  /// Also returns false when the algorithm does not fit the key.
  bool verify(Algorithm algorithm, std::string_view signed_text, Octets signature) const;

 private:
  struct Deleter {
    void operator()(evp_pkey_st* key) const;
  };
  using Handle = std::unique_ptr<evp_pkey_st, Deleter>;
  VerificationKey(KeyKind kind, Handle key) : kind_(kind), key_(std::move(key)) {}
  static Handle imported(const char* type, void* builder);

  KeyKind kind_;
  Handle key_;
};

}  // namespace nx::auth
