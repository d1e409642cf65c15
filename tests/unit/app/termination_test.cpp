#include "app/termination.hpp"

#include <array>
#include <csignal>
#include <string>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

namespace nx::app {
namespace {

using namespace std::chrono_literals;

TEST(TerminationDeathTest, EndsTheProcessThatDoesNotEndByItself) {
  EXPECT_EXIT(
      {
        Termination termination;
        const observe::Logger log({.level = observe::Level::error, .fd = 2});
        termination.end_within(10ms, &log, [] { return "the Kafka consumer"; });
        std::this_thread::sleep_for(60s);  // in a call that cannot be interrupted
      },
      testing::ExitedWithCode(1), "not everything ended in time.*\"waiting_for\":\"the Kafka consumer\"");
}

void stop_twice(const observe::Logger& log) {
  Termination termination(&log);
  ::kill(::getpid(), SIGTERM);
  EXPECT_EQ(termination.wait(), Termination::Request::stop);
  for (int i = 0; i < 1'000; ++i) log.error("a line of the end", {{"number", i}});
  ::kill(::getpid(), SIGTERM);
  std::this_thread::sleep_for(60s);
}

TEST(TerminationDeathTest, ASecondSignalEndsTheProcessWithItsLastLines) {
  EXPECT_EXIT(stop_twice(observe::Logger({.level = observe::Level::error, .fd = 2})), testing::ExitedWithCode(1),
              "\"number\":999");
  EXPECT_EXIT(stop_twice(observe::Logger({.level = observe::Level::warn, .fd = 2})), testing::ExitedWithCode(1),
              "stop requested a second time");
}

TEST(TerminationDeathTest, ASecondSignalEndsTheProcessThoughNobodyReadsItsLines) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  const std::string fill(1U << 20U, 'x');
  EXPECT_EXIT(
      {
        ::alarm(30);  // not the signal that is waited for: its exit would not be ours
        const observe::Logger log({.level = observe::Level::error, .fd = pipe[1]});
        log.error(fill.substr(0, 500'000));
        stop_twice(log);
      },
      testing::ExitedWithCode(1), "");
  for (const int fd : pipe) ::close(fd);
}

}  // namespace
}  // namespace nx::app
