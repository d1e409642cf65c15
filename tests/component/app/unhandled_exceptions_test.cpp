#include "app/unhandled_exceptions.hpp"

#include <pthread.h>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

namespace nx::app {
namespace {

TEST(UnhandledExceptionsDeathTest, AreSaidWithTheirThreadBeforeTheEnd) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        const observe::Logger log({.format = observe::LogFormat::text});
        log_unhandled_exceptions(log);
        std::thread([] {
          pthread_setname_np(pthread_self(), "upkeep");
          throw std::runtime_error("no memory for this");
        }).join();
      },
      "ended by an exception.*upkeep.*no memory for this");
}

}  // namespace
}  // namespace nx::app
