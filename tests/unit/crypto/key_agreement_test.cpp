#include "crypto/key_agreement.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

#include "crypto/base64.hpp"

namespace nx::crypto {
namespace {

constexpr std::string_view kGenerator =
    "BGsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT+NC4v4af5uO5+tKfA+eFivOM1drMV7Oy7ZAaDe/UfU=";  // SEC 2 §2.4.2

std::string with_byte(std::string_view base64, std::size_t index, std::uint8_t value) {
  Bytes bytes = *base64_decode(base64);
  bytes[index] = value;
  return base64_encode(bytes);
}

TEST(KeyAgreement, both_sides_derive_the_same_keys_and_each_direction_its_own) {
  const KeyPair server = KeyPair::generate();
  const KeyPair client = KeyPair::generate();
  const Bytes salt(32, 7);

  const auto here = server.agree(*PeerKey::from_base64(client.public_base64()), salt);
  const auto there = client.agree(*PeerKey::from_base64(server.public_base64()), salt);

  ASSERT_TRUE(here && there);
  EXPECT_EQ(here->server_to_client.bytes(), there->server_to_client.bytes());
  EXPECT_EQ(here->client_to_server.bytes(), there->client_to_server.bytes());
  EXPECT_NE(here->server_to_client.bytes(), here->client_to_server.bytes());
}

TEST(KeyAgreement, one_pair_serves_many_peers_and_another_salt_is_another_key) {
  const KeyPair server = KeyPair::generate();
  const KeyPair first = KeyPair::generate();
  const KeyPair second = KeyPair::generate();
  const auto agree = [&](const KeyPair& client, std::uint8_t salt) {
    return server.agree(*PeerKey::from_base64(client.public_base64()), Bytes(32, salt))->server_to_client.bytes();
  };

  EXPECT_NE(agree(first, 1), agree(second, 1));
  EXPECT_NE(agree(first, 1), agree(first, 2));
  EXPECT_EQ(agree(first, 1), agree(first, 1));
}

TEST(KeyAgreement, scalar_one_has_the_generator_as_its_point) {
  std::array<std::uint8_t, 32> one{};
  one[31] = 1;
  EXPECT_EQ(KeyPair::from_scalar(one).public_base64(), kGenerator);
}

TEST(KeyAgreement, refuses_scalars_outside_the_group) {
  std::array<std::uint8_t, 32> scalar{};
  EXPECT_THROW(KeyPair::from_scalar(scalar), std::invalid_argument);
  scalar.fill(0xff);
  EXPECT_THROW(KeyPair::from_scalar(scalar), std::invalid_argument);
}

TEST(KeyAgreementPeerKey, takes_a_point_of_the_curve) {
  EXPECT_TRUE(PeerKey::from_base64(kGenerator));
}

TEST(KeyAgreementPeerKey, refuses_a_point_off_the_curve) {
  EXPECT_FALSE(PeerKey::from_base64(with_byte(kGenerator, 64, 0xf4)));
  EXPECT_FALSE(PeerKey::from_base64(with_byte(kGenerator, 1, 0)));
  Bytes origin(65, 0);
  origin[0] = 4;
  EXPECT_FALSE(PeerKey::from_base64(base64_encode(origin)));
}

TEST(KeyAgreementPeerKey, refuses_a_coordinate_that_is_not_below_the_prime) {
  Bytes point(65, 0xff);
  point[0] = 4;
  EXPECT_FALSE(PeerKey::from_base64(base64_encode(point)));
}

TEST(KeyAgreementPeerKey, refuses_every_other_encoding_of_a_point) {
  const Bytes point = *base64_decode(kGenerator);
  Bytes compressed(point.begin(), point.begin() + 33);
  compressed[0] = 3;
  EXPECT_FALSE(PeerKey::from_base64(base64_encode(compressed)));
  EXPECT_FALSE(PeerKey::from_base64(with_byte(kGenerator, 0, 7)));  // X9.62 hybrid form
  EXPECT_FALSE(PeerKey::from_base64(with_byte(kGenerator, 0, 0)));  // infinity and a tail
  EXPECT_FALSE(PeerKey::from_base64("AA=="));
  EXPECT_FALSE(PeerKey::from_base64(""));
  EXPECT_FALSE(PeerKey::from_base64(base64_encode(Bytes(64, 4))));
  EXPECT_FALSE(PeerKey::from_base64(base64_encode(Bytes(66, 4))));
}

TEST(KeyAgreementPeerKey, refuses_text_that_is_no_standard_base64) {
  std::string url_safe(kGenerator);
  for (char& c : url_safe) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  EXPECT_FALSE(PeerKey::from_base64(url_safe));
  EXPECT_FALSE(PeerKey::from_base64(std::string(kGenerator.substr(0, kGenerator.size() - 1))));
}

TEST(KeyAgreementAesKey, moved_from_is_wiped) {
  std::array<std::uint8_t, 32> bytes;
  bytes.fill(9);
  AesKey first(bytes);
  const AesKey second(std::move(first));

  EXPECT_EQ(second.bytes(), bytes);
  EXPECT_EQ(first.bytes(), (std::array<std::uint8_t, 32>{}));  // NOLINT(bugprone-use-after-move)
}

}  // namespace
}  // namespace nx::crypto
