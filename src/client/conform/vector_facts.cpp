#include <array>

#include "client/base64.hpp"
#include "client/client_keys.hpp"
#include "client/conform/fact.hpp"
#include "client/conform/finding.hpp"
#include "client/conform/vectors.hpp"

namespace nx::client::conform {
namespace {

std::vector<std::uint8_t> bytes_of_hex(std::string_view hex) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return bytes;
}

std::string text(const json::Value& vector, std::string_view name) {
  const json::Value* const value = vector.find(name);
  return value == nullptr ? std::string() : value->text();
}

/// `side` provides the private key and `other` the public key. Both must derive the same key, and each must decrypt
/// what the other encrypts.
void opens(const json::Value& vector, const std::string& side, const std::string& other) {
  const auto keys =
      ClientKeys::from_scalar(bytes_of_hex(text(vector, side + "PrivateHex")), text(vector, side + "PublicKeyB64"));
  if (!keys) throw Differs{"a key pair", keys.error().message};
  const auto key =
      keys->derive(text(vector, other + "PublicKeyB64"), text(vector, "saltB64"), text(vector, "hkdfInfo"));
  if (!key) throw Differs{"a key", key.error().message};
  demand(std::vector<std::uint8_t>(key->bytes().begin(), key->bytes().end()) == bytes_of_hex(text(vector, "aesKeyHex")),
         "the key " + text(vector, "aesKeyHex"), "another");
  const std::string associated = text(vector, "additionalData");
  const auto plaintext = key->open(text(vector, "iv"), text(vector, "ct"), associated);
  demand(plaintext == text(vector, "plaintext"), text(vector, "plaintext"), plaintext.value_or("nothing opens"));
  const auto sealed = key->seal(*plaintext, associated);
  demand(sealed && key->open(sealed->iv_base64, sealed->ct_base64, associated) == plaintext, "what was sealed opens",
         "not");
}

void all_open(const std::string& side, const std::string& other) {
  const auto document = json::parse(ecdh_vectors());
  const json::Value* const vectors = document ? document->find("vectors") : nullptr;
  if (vectors == nullptr || vectors->items().empty()) throw Differs{"vectors", "none in this program"};
  for (const json::Value& vector : vectors->items()) opens(vector, side, other);
}

void as_client(const Bench&) {
  all_open("client", "server");
}
void as_server(const Bench&) {
  all_open("server", "client");
}

constexpr std::array kVectorFacts{
    Fact{"this program's ECDH, HKDF and AES-GCM open the vectors of the IGNIS helper as a client", as_client},
    Fact{"they open the vectors as a server", as_server},
};

}  // namespace

std::span<const Fact> vector_facts() {
  return kVectorFacts;
}

}  // namespace nx::client::conform
