#include "runtime/large_blocks.hpp"

#include <cstdlib>
#include <malloc.h>

#include <gtest/gtest.h>

namespace nx::runtime {
namespace {

#if !defined(SIGNAL_SANITIZES_ADDRESSES) && !defined(SIGNAL_SANITIZES_THREADS)  // their allocator is another
TEST(LargeBlocksTest, AfterALargerOneWasFreedTheyStillAreTheSystems) {
  give_large_blocks_back();
  void* volatile larger = std::malloc(8'000'000);
  std::free(larger);
  const auto mapped = ::mallinfo2().hblkhd;
  void* volatile large = std::malloc(4'000'000);
  EXPECT_GE(::mallinfo2().hblkhd, mapped + 4'000'000);
  std::free(large);
  EXPECT_EQ(::mallinfo2().hblkhd, mapped);
}
#endif

}  // namespace
}  // namespace nx::runtime
