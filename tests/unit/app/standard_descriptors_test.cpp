#include "app/standard_descriptors.hpp"

#include <cstdlib>
#include <unistd.h>

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace nx::app {
namespace {

TEST(StandardDescriptors, WhatIsClosedBecomesDevNull) {
  const auto closed = [](int fd) {
    ::close(fd);
    open_standard_descriptors();
    struct stat opened {
    }, null{};
    std::exit(::fstat(fd, &opened) == 0 && ::stat("/dev/null", &null) == 0 && opened.st_rdev == null.st_rdev ? 7 : 1);
  };
  for (const int fd : {0, 1, 2}) EXPECT_EXIT(closed(fd), testing::ExitedWithCode(7), "") << fd;
}

}  // namespace
}  // namespace nx::app
