// A key set, and a token for it, by whoever can write to the wire: the first line is the set, the rest the token.
// Nothing may crash, and no token may be accepted by a key that nobody has the private half of.

#include <cstdlib>
#include <string_view>

#include "auth/compact_token.hpp"
#include "auth/token_verification.hpp"
#include "crypto/base64.hpp"
#include "crypto/key_agreement.hpp"
#include "json/value.hpp"

namespace {

using namespace nx::auth;

constexpr nx::EpochMs kNow{1'795'423'393'000};

/// The key of the vectors in tests/vectors/jwt.json; the corpus holds no token of its own signing that is good at kNow.
constexpr std::string_view kKnownSet =
    R"({"keys":[{"crv":"P-256","kty":"EC","x":"QGffQM76q0_YCjfArnRRGxC2GR1zWg94peF6xDwV9Ak",)"
    R"("y":"Z8r_pJoGhRc-vnbe2HhwysEe8K5FKnxDqOvFbSZby40","kid":"nx-es-1"}]})";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TokenRules plain = TokenRules::from({});
  static const TokenRules encrypted = [] {
    AuthOptions options;
    options.application_secret = "nx-application-secret";
    return TokenRules::from(options);
  }();
  static const KeySet known = *KeySet::parse(kKnownSet);

  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(input.find('\n'), input.size());
  const std::string_view token = input.substr(std::min(line + 1, input.size()));
  if (const auto keys = KeySet::parse(input.substr(0, line))) {
    if (keys->size() > kMaxKeys) std::abort();
    static_cast<void>(verify_token(token, &*keys, plain, kNow));
  }
  if (verify_token(token, &known, plain, kNow).result || verify_token(token, &known, encrypted, kNow).result)
    std::abort();
  static_cast<void>(verify_token(input, nullptr, plain, kNow));

  // The rest of the path behind a good signature, which no fuzzer finds.
  if (const auto payload = nx::json::Document::read(input)) {
    static_cast<void>(read_claims(payload->root(), {}, kNow));
    static_cast<void>(encrypted.payload_keys->open(payload->root()));
  }
  static_cast<void>(nx::crypto::base64_decode(input));
  static_cast<void>(nx::crypto::PeerKey::from_base64(input));
  return 0;
}
