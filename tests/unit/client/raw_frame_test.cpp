#include "client/conform/raw_frame.hpp"

#include <gtest/gtest.h>

namespace nx::client::conform {
namespace {

using namespace std::string_literals;

TEST(RawFrame, masks_as_in_the_examples_of_rfc_6455) {
  EXPECT_EQ(raw_frame(0x81, "Hello", Mask::constant), "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
  EXPECT_EQ(raw_frame(0x81, "Hello", Mask::none), "\x81\x05Hello");
}

TEST(RawFrame, writes_the_length_in_as_few_bytes_as_it_needs) {
  EXPECT_EQ(raw_frame(0x89, std::string(125, 'x'), Mask::none).substr(0, 2), "\x89\x7d");
  EXPECT_EQ(raw_frame(0x89, std::string(126, 'x'), Mask::none).substr(0, 4), "\x89\x7e\x00\x7e"s);
  EXPECT_EQ(raw_frame(0x82, std::string(0xffff, 'x'), Mask::none).substr(0, 4), "\x82\x7e\xff\xff");
  EXPECT_EQ(raw_frame(0x82, std::string(0x10000, 'x'), Mask::constant).substr(0, 14),
            "\x82\xff\x00\x00\x00\x00\x00\x01\x00\x00\x37\xfa\x21\x3d"s);
}

TEST(RawFrame, keeps_reserved_bits_and_a_missing_fin) {
  EXPECT_EQ(raw_frame(0x71, "", Mask::none), "\x71\x00"s);
  EXPECT_EQ(raw_frame(0x09, "", Mask::constant), "\x09\x80\x37\xfa\x21\x3d");
}

}  // namespace
}  // namespace nx::client::conform
