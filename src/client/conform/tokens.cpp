#include "client/conform/tokens.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <iterator>
#include <vector>

#include <fmt/core.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>

#include "client/base64.hpp"
#include "client/conform/finding.hpp"

namespace nx::client::conform {
namespace {

constexpr std::size_t kCoordinate = 32;  // bytes, for P-256
constexpr std::int64_t kLifeSeconds = 3'600;
constexpr std::string_view kNeedsToken = "needs a token: --token T or SIGNAL_TOKEN";
constexpr std::string_view kNeedsKey =
    "needs a token that only the identity service can make: --jwks FILE with its private key";

std::string to_base64url(std::span<const std::uint8_t> bytes) {
  std::string text = bytes.empty() ? std::string() : to_base64(bytes);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  text.erase(std::min(text.find('='), text.size()));
  return text;
}

std::string to_base64url(std::string_view text) {
  return to_base64url(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

std::optional<std::vector<std::uint8_t>> from_base64url(std::string_view text) {
  std::string standard(text);
  std::replace(standard.begin(), standard.end(), '-', '+');
  std::replace(standard.begin(), standard.end(), '_', '/');
  standard.append((4 - standard.size() % 4) % 4, '=');
  return from_base64(standard);
}

struct Parts {
  std::string header, payload, signature;
};

Parts parts_of(const std::string& token) {
  const std::size_t first = std::min(token.find('.'), token.size());
  const std::size_t second = std::min(token.find('.', first + 1), token.size());
  if (second == token.size()) throw Unchecked{"the given token is not a JWT of three parts"};
  return {token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1)};
}

std::string text_of(const json::Value& value, std::string_view name) {
  const json::Value* const member = value.find(name);
  return member != nullptr && member->is_string() ? member->text() : std::string();
}

std::int64_t now_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// The key pair of a private JWK (RFC 7518 §6.2); null for a key of another type.
EVP_PKEY* private_key(const json::Value& jwk) {
  if (text_of(jwk, "kty") != "EC" || text_of(jwk, "crv") != "P-256") return nullptr;
  const auto x = from_base64url(text_of(jwk, "x"));
  const auto y = from_base64url(text_of(jwk, "y"));
  const auto d = from_base64url(text_of(jwk, "d"));
  if (!x || !y || !d || x->size() != kCoordinate || y->size() != kCoordinate) return nullptr;
  std::vector<std::uint8_t> point{0x04};
  point.insert(point.end(), x->begin(), x->end());
  point.insert(point.end(), y->begin(), y->end());

  const std::unique_ptr<BIGNUM, decltype(&BN_clear_free)> scalar(
      BN_bin2bn(d->data(), static_cast<int>(d->size()), nullptr), BN_clear_free);
  const std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)> builder(OSSL_PARAM_BLD_new(),
                                                                                OSSL_PARAM_BLD_free);
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar.get());
  const std::unique_ptr<OSSL_PARAM, decltype(&OSSL_PARAM_free)> parameters(OSSL_PARAM_BLD_to_param(builder.get()),
                                                                           OSSL_PARAM_free);
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr), EVP_PKEY_CTX_free);
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get()) != 1) {
    return nullptr;
  }
  return key;
}

/// Signs both parts with ES256; the signature is r ‖ s (RFC 7518 §3.4).
std::string signed_token(EVP_PKEY* key, std::string_view header, std::string_view payload) {
  const std::string text = to_base64url(header) + "." + to_base64url(payload);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::array<unsigned char, 128> der{};
  std::size_t size = der.size();
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), der.data(), &size, bytes, text.size()) != 1) {
    throw Unchecked{"OpenSSL cannot sign with the private key"};
  }
  const unsigned char* at = der.data();
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)),
                                                                   ECDSA_SIG_free);
  std::array<std::uint8_t, 2 * kCoordinate> raw{};
  BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), raw.data(), kCoordinate);
  BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), raw.data() + kCoordinate, kCoordinate);
  return text + "." + to_base64url(raw);
}

std::string header_with(const std::string& kid, std::string_view more) {
  json::Value head = json::Value::object({{"alg", json::Value::string("ES256")}});
  if (!kid.empty()) head.members().push_back({"kid", json::Value::string(kid)});
  std::string text = json::write(head);
  text.pop_back();
  return text + std::string(more) + "}";
}

}  // namespace

void set_claim(json::Value& claims, std::string_view name, std::optional<json::Value> value) {
  std::erase_if(claims.members(), [name](const json::Member& member) { return member.name == name; });
  if (value) claims.members().push_back({std::string(name), std::move(*value)});
}

Result<Tokens> Tokens::make(const TokenOptions& options) {
  Tokens tokens;
  tokens.options_ = options;
  if (options.jwks_file.empty()) return tokens;
  std::ifstream file(options.jwks_file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return fail(ErrorKind::invalid, fmt::format("--jwks: '{}' cannot be read", options.jwks_file));
  const auto parsed = json::parse(text);
  std::vector<json::Value> keys;
  if (parsed) {
    const json::Value* const list = parsed->find("keys");
    keys = list == nullptr ? std::vector{*parsed} : list->items();
  }
  for (const json::Value& jwk : keys) {
    tokens.key_ = Key(private_key(jwk), FreeKey{});
    tokens.kid_ = text_of(jwk, "kid");
    if (tokens.key_) return tokens;
  }
  return fail(ErrorKind::invalid,
              fmt::format("--jwks: '{}' has no private P-256 key; for example {}", options.jwks_file,
                          R"({"keys":[{"kty":"EC","crv":"P-256","kid":"k1","x":"…","y":"…","d":"…"}]})"));
}

std::string Tokens::good() const {
  if (!options_.token.empty()) return options_.token;
  if (!key_) throw Unchecked{std::string(kNeedsToken)};
  return minted();
}

std::string Tokens::other_user() const {
  if (!options_.other_token.empty()) return options_.other_token;
  if (!key_) throw Unchecked{"needs a token of another user: --other-token T, or --jwks FILE with the private key"};
  return minted([](json::Value& claims) { set_claim(claims, "userId", json::Value::string("conform-other")); });
}

std::string Tokens::expired() const {
  if (!options_.expired_token.empty()) return options_.expired_token;
  if (!key_) throw Unchecked{"needs a token that has expired: --expired-token T, or --jwks FILE with the private key"};
  return minted([](json::Value& claims) { set_claim(claims, "exp", json::Value::number(now_seconds() - 60)); });
}

std::optional<json::Value> Tokens::claims() const {
  if (options_.token.empty())
    return json::Value::object({{"userId", json::Value::string("conform")}, {"roles", json::Value::array()}});
  const auto bytes = from_base64url(parts_of(options_.token).payload);
  auto claims = bytes ? json::parse(std::string(bytes->begin(), bytes->end())) : json::parse("");
  if (!claims || !claims->is_object()) return std::nullopt;
  return std::move(*claims);
}

std::string Tokens::minted(const Change& change, std::string_view more_header) const {
  if (!key_) throw Unchecked{std::string(kNeedsKey)};
  json::Value all = claims().value_or(json::Value::object());
  const std::int64_t now = now_seconds();
  set_claim(all, "iat", json::Value::number(now));
  set_claim(all, "nbf", std::nullopt);
  set_claim(all, "exp", json::Value::number(now + kLifeSeconds));
  if (change) change(all);
  return signed_token(key_.get(), header_with(kid_, more_header), json::write(all));
}

std::string Tokens::with_other_user() const {
  const Parts parts = parts_of(good());
  const auto bytes = from_base64url(parts.payload);
  auto claims = bytes ? json::parse(std::string(bytes->begin(), bytes->end())) : json::parse("");
  if (!claims || !claims->is_object()) throw Unchecked{"the claims of the token are not a JSON object"};
  set_claim(*claims, "userId", json::Value::string("somebody-else"));
  return parts.header + "." + to_base64url(json::write(*claims)) + "." + parts.signature;
}

std::string Tokens::without_signature() const {
  const Parts parts = parts_of(good());
  return parts.header + "." + parts.payload + ".";
}

std::string Tokens::without_algorithm() const {
  return to_base64url(std::string_view(R"({"alg":"none"})")) + "." + parts_of(good()).payload + ".";
}

std::string Tokens::signed_by_own_key() const {
  const Parts parts = parts_of(good());
  const auto payload = from_base64url(parts.payload);
  const Key own(EVP_EC_gen("P-256"), FreeKey{});
  std::array<std::uint8_t, 2 * kCoordinate + 1> point{};
  std::size_t size = 0;
  if (!payload || !own ||
      EVP_PKEY_get_octet_string_param(own.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &size) != 1) {
    throw Unchecked{"OpenSSL cannot make a P-256 key pair"};
  }
  const std::span whole(point);
  const std::string jwk = R"({"kty":"EC","crv":"P-256","x":")" + to_base64url(whole.subspan(1, kCoordinate)) +
                          R"(","y":")" + to_base64url(whole.subspan(1 + kCoordinate)) + R"("})";
  return signed_token(own.get(), header_with("", R"(,"jwk":)" + jwk), std::string(payload->begin(), payload->end()));
}

}  // namespace nx::client::conform
