#include "app/termination.hpp"

#include <thread>

#include <gtest/gtest.h>

namespace nx::app {
namespace {

using namespace std::chrono_literals;

TEST(TerminationDeathTest, EndsTheProcessThatDoesNotEndByItself) {
  EXPECT_EXIT(
      {
        Termination termination;
        const observe::Logger log({.level = observe::Level::error, .fd = 2});
        termination.end_within(10ms, &log);
        std::this_thread::sleep_for(60s);  // in a call that can not be interrupted
      },
      testing::ExitedWithCode(1), "not everything ended in time");
}

}  // namespace
}  // namespace nx::app
