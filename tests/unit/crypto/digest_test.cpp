#include "crypto/digest.hpp"

#include <gtest/gtest.h>

#include "crypto/base64.hpp"

namespace nx::crypto {
namespace {

TEST(Digest, sha256_of_abc_is_that_of_fips_180) {
  EXPECT_EQ(base64_encode(sha256("abc")), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
  EXPECT_EQ(base64_encode(sha256("")), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
}

TEST(Digest, sha1_makes_the_accept_value_of_rfc_6455) {
  EXPECT_EQ(base64_encode(sha1("dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11")),
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

}  // namespace
}  // namespace nx::crypto
