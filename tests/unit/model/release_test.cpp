#include "model/release.hpp"

#include <gtest/gtest.h>

namespace nx {
namespace {

TEST(ReleaseTest, TheMemoryOfALongTextIsGivenBack) {
  std::string text(100'000, 'x');
  release(text);
  EXPECT_EQ(text, "");
  EXPECT_EQ(text.capacity(), std::string().capacity());
}

}  // namespace
}  // namespace nx
