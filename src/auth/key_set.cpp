#include "auth/key_set.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "crypto/base64.hpp"

namespace nx::auth {
namespace {

constexpr std::size_t kMaxShown = 64;  // bytes shown of a text from the set

/// The outer optional is empty when the member is present and not a string: such a key is left out.
std::optional<std::optional<std::string>> optional_text(const json::Value& jwk, std::string_view name) {
  const json::Value* member = jwk.find(name);
  if (member == nullptr) return std::optional<std::string>();
  if (!member->is_string()) return std::nullopt;
  return std::optional<std::string>(member->text());
}

crypto::Bytes octets(const json::Value& jwk, std::string_view name) {
  const json::Value* member = jwk.find(name);
  if (member == nullptr || !member->is_string()) return {};
  return crypto::base64url_decode(member->text()).value_or(crypto::Bytes());
}

/// An encryption key (RFC 7517 §4.2) is left out without a message.
bool is_for_encryption(const json::Value& jwk) {
  const json::Value* use = jwk.find("use");
  return use != nullptr && use->is_string() && use->text() == "enc";
}

/// RFC 7517 §4.2, §4.3. Returns an empty text when the key may be used for verification.
std::string why_not_for_verification(const json::Value& jwk) {
  if (const json::Value* use = jwk.find("use"); use != nullptr && !(use->is_string() && use->text() == "sig"))
    return "its use is not 'sig'";
  const json::Value* operations = jwk.find("key_ops");
  if (operations == nullptr) return {};
  const auto& items = operations->items();
  const bool verifies = std::any_of(
      items.begin(), items.end(), [](const json::Value& item) { return item.is_string() && item.text() == "verify"; });
  return verifies ? "" : "its operations (key_ops) do not list 'verify'";
}

std::optional<VerificationKey> key_of(const json::Value& jwk) {
  const auto kty = optional_text(jwk, "kty").value_or(std::nullopt).value_or("");
  const auto crv = optional_text(jwk, "crv").value_or(std::nullopt).value_or("");
  if (kty == "RSA") return VerificationKey::rsa(octets(jwk, "n"), octets(jwk, "e"));
  if (kty == "EC") {
    const auto x = octets(jwk, "x");
    const auto y = octets(jwk, "y");
    if (crv == "P-256") return VerificationKey::elliptic(KeyKind::p256, x, y);
    if (crv == "P-384") return VerificationKey::elliptic(KeyKind::p384, x, y);
    if (crv == "P-521") return VerificationKey::elliptic(KeyKind::p521, x, y);
  }
  if (kty == "OKP") {
    const auto x = octets(jwk, "x");
    if (crv == "Ed25519") return VerificationKey::edwards(KeyKind::ed25519, x);
    if (crv == "Ed448") return VerificationKey::edwards(KeyKind::ed448, x);
  }
  return std::nullopt;
}

/// Why key_of() refused the key, in words for an operator.
std::string why_unusable(const json::Value& jwk) {
  const auto kty = optional_text(jwk, "kty").value_or(std::nullopt).value_or("");
  const auto crv = optional_text(jwk, "crv").value_or(std::nullopt).value_or("");
  if (kty == "RSA") return "n and e are not an RSA key of 2048 to 8192 bits";
  if (kty == "EC" && (crv == "P-256" || crv == "P-384" || crv == "P-521")) return "x and y are not a point of " + crv;
  if (kty == "OKP" && (crv == "Ed25519" || crv == "Ed448")) return "x is not a key of " + crv;
  if (kty == "EC" || kty == "OKP") return fmt::format("the curve (crv) '{}' is not known", crv.substr(0, kMaxShown));
  return fmt::format("the type (kty) '{}' is not known or cannot verify", kty.substr(0, kMaxShown));
}

}  // namespace

void KeySet::take(const json::Value& jwk, std::size_t number) {
  if (is_for_encryption(jwk)) return;
  auto kid = optional_text(jwk, "kid");
  auto alg = optional_text(jwk, "alg");
  const auto leave_out = [&](std::string why) {
    unusable_.push_back({kid && *kid ? (*kid)->substr(0, kMaxShown) : "#" + std::to_string(number), std::move(why)});
  };
  if (std::string why = why_not_for_verification(jwk); !why.empty()) return leave_out(std::move(why));
  if (!kid || !alg) return leave_out("kid or alg is not a string");
  auto key = key_of(jwk);
  if (!key) return leave_out(why_unusable(jwk));
  if (*alg) {
    const auto algorithm = algorithm_of(**alg);
    const std::string shown = fmt::format("its algorithm (alg) '{}' ", (*alg)->substr(0, kMaxShown));
    if (!algorithm) return leave_out(shown + "is not known");
    if (!fits(*algorithm, key->kind())) return leave_out(shown + "does not fit its type or curve");
  }
  entries_.push_back({std::move(*kid), std::move(*alg), std::move(*key)});
}

Result<KeySet> KeySet::parse(std::string_view json) {
  const auto document = json::parse(json, {.lone_surrogates = json::LoneSurrogates::replaced});
  if (!document) return fail(ErrorKind::invalid, "the key set is not JSON: " + document.error().message);
  const json::Value* keys = document->find("keys");
  if (keys == nullptr || !keys->is_array()) return fail(ErrorKind::invalid, "the key set has no array `keys`");
  if (keys->items().size() > kMaxKeys) return fail(ErrorKind::invalid, "the key set has more than 64 keys");
  KeySet set;
  std::size_t number = 0;
  for (const json::Value& jwk : keys->items()) {
    if (!jwk.is_object()) return fail(ErrorKind::invalid, "an entry of the key set is not an object");
    set.take(jwk, ++number);
  }
  return set;
}

KeySet::Selection KeySet::select(Algorithm algorithm, const std::optional<std::string>& kid) const {
  Selection selection{Found::none, nullptr};
  for (const Entry& entry : entries_) {
    if (kid && entry.kid != kid) continue;
    if (!fits(algorithm, entry.key.kind()) || (entry.alg && *entry.alg != name_of(algorithm))) {
      if (kid && selection.found == Found::none) selection.found = Found::unfit;
      continue;
    }
    // The same key listed twice is one key.
    if (selection.key != nullptr && !selection.key->is_same(entry.key)) return {Found::several, nullptr};
    selection = {Found::one, &entry.key};
  }
  return selection;
}

}  // namespace nx::auth
