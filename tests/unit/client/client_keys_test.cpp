#include "client/client_keys.hpp"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/base64.hpp"
#include "json/value.hpp"

namespace nx::client {
namespace {

std::vector<std::uint8_t> from_hex(const std::string& text) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

std::vector<json::Value> ecdh_vectors() {
  std::ifstream file(SIGNAL_SOURCE_DIR "/tests/vectors/ecdh.json");
  std::stringstream text;
  text << file.rdbuf();
  const auto parsed = json::parse(text.str());
  if (!parsed || parsed->find("vectors") == nullptr) return {};
  return parsed->find("vectors")->items();
}

std::string text(const json::Value& vector, const char* name) {
  const json::Value* const member = vector.find(name);
  return member == nullptr || member->is_null() ? "" : member->text();
}

ClientKeys keys_of(const json::Value& vector, const std::string& side) {
  auto keys = ClientKeys::from_scalar(from_hex(text(vector, (side + "PrivateHex").c_str())),
                                      text(vector, (side + "PublicKeyB64").c_str()));
  EXPECT_TRUE(keys.has_value());
  return std::move(keys).value();
}

TEST(ClientKeys, derives_the_key_of_every_vector_of_the_ignis_helper) {
  const auto vectors = ecdh_vectors();
  ASSERT_EQ(vectors.size(), 3U);
  for (const json::Value& vector : vectors) {
    SCOPED_TRACE(text(vector, "name"));

    const auto key = keys_of(vector, "client")
                         .derive(text(vector, "serverPublicKeyB64"), text(vector, "saltB64"), text(vector, "hkdfInfo"));

    ASSERT_TRUE(key.has_value());
    EXPECT_THAT(key->bytes(), testing::ElementsAreArray(from_hex(text(vector, "aesKeyHex"))));
  }
}

TEST(ClientKeys, both_sides_of_a_vector_agree) {
  for (const json::Value& vector : ecdh_vectors()) {
    const auto client =
        keys_of(vector, "client")
            .derive(text(vector, "serverPublicKeyB64"), text(vector, "saltB64"), text(vector, "hkdfInfo"));
    const auto server =
        keys_of(vector, "server")
            .derive(text(vector, "clientPublicKeyB64"), text(vector, "saltB64"), text(vector, "hkdfInfo"));
    EXPECT_EQ(client->bytes(), server->bytes());
  }
}

TEST(ClientKeysOfFrames, opens_what_the_ignis_helper_sealed) {
  for (const json::Value& vector : ecdh_vectors()) {
    SCOPED_TRACE(text(vector, "name"));
    const auto key = keys_of(vector, "client")
                         .derive(text(vector, "serverPublicKeyB64"), text(vector, "saltB64"), text(vector, "hkdfInfo"));

    const auto opened = key->open(text(vector, "iv"), text(vector, "ct"), text(vector, "additionalData"));

    EXPECT_EQ(opened, text(vector, "plaintext"));
  }
}

class ClientKeysFresh : public testing::Test {
 protected:
  ClientKeys client_ = ClientKeys::generate().value();
  ClientKeys server_ = ClientKeys::generate().value();
  const std::string salt_ = to_base64(std::vector<std::uint8_t>(32, 7));
  FrameKey key_ = client_.derive(server_.public_base64(), salt_, kServerToClientInfo).value();
};

TEST_F(ClientKeysFresh, what_one_side_seals_the_other_opens) {
  const auto sealed = server_.derive(client_.public_base64(), salt_, kServerToClientInfo)->seal(R"({"event":"é"})");

  ASSERT_TRUE(sealed.has_value());
  EXPECT_EQ(key_.open(sealed->iv_base64, sealed->ct_base64), R"({"event":"é"})");
}

TEST_F(ClientKeysFresh, two_seals_of_the_same_text_differ) {
  EXPECT_NE(key_.seal("same")->iv_base64, key_.seal("same")->iv_base64);
}

TEST_F(ClientKeysFresh, the_key_towards_the_server_does_not_open_what_comes_from_it) {
  const auto other_way = client_.derive(server_.public_base64(), salt_, kClientToServerInfo);
  const auto sealed = key_.seal("text");
  EXPECT_FALSE(other_way->open(sealed->iv_base64, sealed->ct_base64).has_value());
}

TEST_F(ClientKeysFresh, a_changed_byte_a_cut_tag_and_a_wrong_iv_do_not_open) {
  const auto sealed = key_.seal("text");
  auto bytes = from_base64(sealed->ct_base64).value();
  bytes.front() ^= 1U;

  EXPECT_FALSE(key_.open(sealed->iv_base64, to_base64(bytes)).has_value());
  bytes.front() ^= 1U;
  bytes.pop_back();
  EXPECT_FALSE(key_.open(sealed->iv_base64, to_base64(bytes)).has_value());
  EXPECT_FALSE(key_.open(to_base64(std::vector<std::uint8_t>(12, 0)), sealed->ct_base64).has_value());
  EXPECT_FALSE(key_.open(to_base64(std::vector<std::uint8_t>(16, 0)), sealed->ct_base64).has_value());
  EXPECT_FALSE(key_.open("", "").has_value());
}

TEST_F(ClientKeysFresh, a_server_key_that_is_no_point_is_refused_with_its_name) {
  const std::vector<std::uint8_t> off_curve = [] {
    std::vector<std::uint8_t> point(65, 1);
    point[0] = 4;
    return point;
  }();
  for (const std::string& key :
       {std::string(), std::string("AAAA"), to_base64(off_curve), to_base64(std::vector<std::uint8_t>(33, 2))}) {
    const auto derived = client_.derive(key, salt_, kServerToClientInfo);
    ASSERT_FALSE(derived.has_value());
    EXPECT_THAT(derived.error().message, testing::HasSubstr("serverPublicKey"));
  }
}

TEST_F(ClientKeysFresh, a_salt_that_is_no_base64_is_refused_with_its_name) {
  const auto derived = client_.derive(server_.public_base64(), "not base64", kServerToClientInfo);
  ASSERT_FALSE(derived.has_value());
  EXPECT_THAT(derived.error().message, testing::HasSubstr("salt"));
}

TEST(ClientKeys, the_public_key_is_the_base64_of_an_uncompressed_point) {
  const auto point = from_base64(ClientKeys::generate()->public_base64());
  ASSERT_TRUE(point.has_value());
  EXPECT_EQ(point->size(), 65U);
  EXPECT_EQ(point->front(), 4U);
}

}  // namespace
}  // namespace nx::client
