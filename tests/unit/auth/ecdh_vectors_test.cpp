// The handshake's vectors, made by the IGNIS helper. They stand here because this room's tests link both crypto and
// json.

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "crypto/base64.hpp"
#include "crypto/key_agreement.hpp"
#include "crypto/sealer.hpp"
#include "vectors.hpp"

namespace nx::crypto {
namespace {

std::array<std::uint8_t, 32> of_hex(const std::string& hex) {
  std::array<std::uint8_t, 32> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(std::stoul(hex.substr(2 * i, 2), nullptr, 16));
  return bytes;
}

/// AES-256-GCM in one go with the vector's IV and additional data, which the sealer has no use for.
std::string sealed(const AesKey& key, const Bytes& iv, const std::string& aad, const std::string& plaintext) {
  const std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)> context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  Bytes out(plaintext.size() + kTagBytes);
  int size = 0;
  const auto bytes = [](const std::string& text) { return reinterpret_cast<const std::uint8_t*>(text.data()); };
  EVP_EncryptInit_ex2(context.get(), EVP_aes_256_gcm(), key.bytes().data(), iv.data(), nullptr);
  if (!aad.empty()) EVP_EncryptUpdate(context.get(), nullptr, &size, bytes(aad), static_cast<int>(aad.size()));
  EVP_EncryptUpdate(context.get(), out.data(), &size, bytes(plaintext), static_cast<int>(plaintext.size()));
  EVP_EncryptFinal_ex(context.get(), out.data() + plaintext.size(), &size);
  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, out.data() + plaintext.size());
  return base64_encode(out);
}

class EcdhVectors : public testing::Test {
 protected:
  const json::Value document = vectors("ecdh.json");
  const std::vector<json::Value>& all = at(document, "vectors").items();
};

TEST_F(EcdhVectors, both_sides_derive_the_key_of_the_reference) {
  ASSERT_EQ(all.size(), 3U);
  for (const json::Value& vector : all) {
    SCOPED_TRACE(text_at(vector, "name"));
    const KeyPair server = KeyPair::from_scalar(of_hex(text_at(vector, "serverPrivateHex")));
    const KeyPair client = KeyPair::from_scalar(of_hex(text_at(vector, "clientPrivateHex")));
    EXPECT_EQ(server.public_base64(), text_at(vector, "serverPublicKeyB64"));
    EXPECT_EQ(client.public_base64(), text_at(vector, "clientPublicKeyB64"));
    const auto salt = base64_decode(text_at(vector, "saltB64"));
    const auto expected = of_hex(text_at(vector, "aesKeyHex"));
    const std::string info = text_at(vector, "hkdfInfo");

    const auto here = server.derive(*PeerKey::from_base64(text_at(vector, "clientPublicKeyB64")), *salt, info);
    const auto there = client.derive(*PeerKey::from_base64(text_at(vector, "serverPublicKeyB64")), *salt, info);

    EXPECT_EQ(here->bytes(), expected);
    EXPECT_EQ(there->bytes(), expected);
  }
}

TEST_F(EcdhVectors, agreeing_gives_the_reference_key_to_the_servers_direction) {
  const json::Value& vector = all.front();
  const KeyPair server = KeyPair::from_scalar(of_hex(text_at(vector, "serverPrivateHex")));

  const auto keys = server.agree(*PeerKey::from_base64(text_at(vector, "clientPublicKeyB64")),
                                 *base64_decode(text_at(vector, "saltB64")));

  EXPECT_EQ(keys->server_to_client.bytes(), of_hex(text_at(vector, "aesKeyHex")));
}

TEST_F(EcdhVectors, the_references_ciphertext_opens_and_ours_is_the_same_bytes) {
  for (const json::Value& vector : all) {
    SCOPED_TRACE(text_at(vector, "name"));
    const AesKey key(of_hex(text_at(vector, "aesKeyHex")));
    const std::string aad = at(vector, "additionalData").text();

    EXPECT_EQ(sealed(key, *base64_decode(text_at(vector, "iv")), aad, text_at(vector, "plaintext")),
              text_at(vector, "ct"));
    // open_envelope knows no additional data: the vector that has some must not open without it.
    const auto opened = open_envelope(key, text_at(vector, "iv"), text_at(vector, "ct"));
    EXPECT_EQ(opened, aad.empty() ? std::optional(text_at(vector, "plaintext")) : std::nullopt);
  }
}

}  // namespace
}  // namespace nx::crypto
