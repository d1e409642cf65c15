#include "client/base64.hpp"

#include <gtest/gtest.h>

namespace nx::client {
namespace {

std::string decoded(std::string_view text) {
  const auto bytes = from_base64(text);
  return bytes ? std::string(bytes->begin(), bytes->end()) : "refused";
}

TEST(Base64, knows_the_examples_of_rfc_4648) {
  for (const auto& [plain, coded] :
       {std::pair{"f", "Zg=="}, std::pair{"fo", "Zm8="}, std::pair{"foo", "Zm9v"}, std::pair{"foobar", "Zm9vYmFy"}}) {
    const std::string_view bytes(plain);
    EXPECT_EQ(to_base64(std::vector<std::uint8_t>(bytes.begin(), bytes.end())), coded);
    EXPECT_EQ(decoded(coded), plain);
  }
}

TEST(Base64, nothing_encodes_to_nothing) {
  EXPECT_EQ(to_base64({}), "");
}

TEST(Base64, refuses_what_is_empty_unpadded_url_safe_spaced_or_padded_inside) {
  for (const char* text : {"", "Zg", "Zg=", "Z===", "====", "Z-_v", "Zm9v Zm9", " Zm9v", "Zm9v\n", "Zg==Zg=="}) {
    EXPECT_EQ(decoded(text), "refused") << text;
  }
}

}  // namespace
}  // namespace nx::client
