#include "runtime/descriptor_limit.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace nx::runtime {
namespace {

TEST(DescriptorLimit, IsRaisedToTheHardOne) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low{.rlim_cur = 64, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(descriptor_limit(), 64U);

  raise_descriptor_limit();

  EXPECT_EQ(descriptor_limit(), before.rlim_max == RLIM_INFINITY ? 0 : before.rlim_max);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

}  // namespace
}  // namespace nx::runtime
