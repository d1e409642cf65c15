#pragma once
// The compact form of a signed token (RFC 7515 §3.1) taken apart, nothing verified yet. Value type.

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
  std::string_view signed_text;  // header and payload as they came; a view into the token
  json::Document payload;        // an object
  crypto::Bytes signature;
};

/// Of the header only `alg`, `kid` and `crit` are read: a key or an address of one inside a token (jku, jwk, x5u, x5c)
/// is the sender's word.
tl::expected<CompactToken, AuthError> parse_compact_token(std::string_view token, std::size_t max_bytes);

}  // namespace nx::auth
