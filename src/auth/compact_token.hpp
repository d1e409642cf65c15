#pragma once
// Splits the compact form of a signed token (RFC 7515 §3.1); verifies nothing. Value type.

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "auth/algorithm.hpp"
#include "auth/claims.hpp"
#include "crypto/base64.hpp"
#include "json/document.hpp"

namespace nx::auth {

struct CompactToken {
  Algorithm algorithm{};
  std::optional<std::string> kid;
  std::string_view signed_text;  // header and payload as received; a view into the token
  json::Document payload;        // an object
  crypto::Bytes signature;
};

/// Reads only `alg`, `kid` and `crit` of the header. A key or the address of a key inside a token (jku, jwk, x5u, x5c)
/// is chosen by the sender and therefore ignored.
tl::expected<CompactToken, AuthError> parse_compact_token(std::string_view token, std::size_t max_bytes);

}  // namespace nx::auth
