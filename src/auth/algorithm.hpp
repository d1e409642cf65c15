#pragma once
// The signature algorithms that a token may name (RFC 7518 §3.1, RFC 8037 §3.1). `none` and the HMAC algorithms are
// left out on purpose: with a public key an attacker could forge an HMAC signature.

#include <optional>
#include <string_view>

namespace nx::auth {

enum class Algorithm { es256, es384, es512, rs256, rs384, rs512, ps256, ps384, ps512, eddsa };

/// The type and curve of a key. An algorithm is accepted only for a key of its own kind.
enum class KeyKind { p256, p384, p521, rsa, ed25519, ed448 };

std::optional<Algorithm> algorithm_of(std::string_view name);  // case-sensitive (RFC 7515 §4.1.1)
std::string_view name_of(Algorithm algorithm);
bool fits(Algorithm algorithm, KeyKind kind);

}  // namespace nx::auth
