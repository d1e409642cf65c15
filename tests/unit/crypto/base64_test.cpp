#include "crypto/base64.hpp"

#include <gtest/gtest.h>

namespace nx::crypto {
namespace {

Bytes bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

Bytes counting(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 37 + 11);
  return bytes;
}

TEST(Base64, encodes_the_vectors_of_rfc_4648) {
  EXPECT_EQ(base64_encode(bytes_of("")), "");
  EXPECT_EQ(base64_encode(bytes_of("f")), "Zg==");
  EXPECT_EQ(base64_encode(bytes_of("fo")), "Zm8=");
  EXPECT_EQ(base64_encode(bytes_of("foo")), "Zm9v");
  EXPECT_EQ(base64_encode(bytes_of("foob")), "Zm9vYg==");
  EXPECT_EQ(base64_encode(bytes_of("fooba")), "Zm9vYmE=");
  EXPECT_EQ(base64_encode(bytes_of("foobar")), "Zm9vYmFy");
  EXPECT_EQ(base64_encode(Bytes{0xfb, 0xff, 0xfe}), "+//+");
}

TEST(Base64, decodes_what_it_encodes_at_every_length) {
  for (std::size_t size = 1; size < 300; ++size) {
    const Bytes bytes = counting(size);
    const std::string text = base64_encode(bytes);
    ASSERT_EQ(text.size(), base64_size(size));
    ASSERT_EQ(base64_decode(text), bytes) << size;
    ASSERT_EQ(base64url_decode(base64url_encode(bytes)), bytes) << size;
  }
}

TEST(Base64, encodes_in_place_over_the_tail_of_its_own_text) {
  for (std::size_t size = 0; size < 300; ++size) {
    const Bytes bytes = counting(size);
    std::string text(base64_size(size), '\0');
    char* const tail = text.data() + text.size() - size;
    std::copy(bytes.begin(), bytes.end(), tail);

    base64_encode_to(text.data(), {reinterpret_cast<const std::uint8_t*>(tail), size});

    ASSERT_EQ(text, base64_encode(bytes)) << size;
  }
}

TEST(Base64, writes_nothing_beyond_its_size) {
  for (std::size_t size = 0; size < 70; ++size) {
    std::string text(base64_size(size) + 8, '#');
    base64_encode_to(text.data(), counting(size));
    ASSERT_EQ(text.substr(base64_size(size)), "########") << size;
  }
}

TEST(Base64, refuses_what_the_ignis_helper_refuses) {
  for (const char* text : {"", "A", "AB", "ABC", "ABCDE", "A===", "====", "AB=C", "=ABC", "AB-_", "AB C", "ABC\n",
                           "Zg==Zg==", "Zm9v\xc3\xa4==", "\xff\xff\xff\xff"}) {
    EXPECT_FALSE(base64_decode(text)) << text;
  }
}

TEST(Base64, takes_trailing_bits_that_are_not_canonical) {
  EXPECT_EQ(base64_decode("Zh=="), bytes_of("f"));
  EXPECT_EQ(base64_decode("Zm9="), bytes_of("fo"));
}

TEST(Base64Url, uses_its_own_alphabet_without_padding) {
  EXPECT_EQ(base64url_encode(Bytes{0xfb, 0xff, 0xfe}), "-__-");
  EXPECT_EQ(base64url_encode(bytes_of("f")), "Zg");
  EXPECT_EQ(base64url_decode("-__-"), (Bytes{0xfb, 0xff, 0xfe}));
  EXPECT_EQ(base64url_decode(""), Bytes{});
}

TEST(Base64Url, refuses_padding_the_other_alphabet_and_a_second_spelling) {
  for (const char* text : {"Zg==", "+//+", "A", "Zm9vY", "Zm 9v", "Zh", "Zm9"})
    EXPECT_FALSE(base64url_decode(text)) << text;
}

}  // namespace
}  // namespace nx::crypto
