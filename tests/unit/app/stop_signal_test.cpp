#include <csignal>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "app/stoppable_work.hpp"

namespace nx::app {
namespace {

/// Sends a signal to this process and waits until somebody has taken it.
void send(int signal) {
  ::kill(::getpid(), signal);
  sigset_t pending;
  do {
    std::this_thread::yield();
    sigpending(&pending);
  } while (sigismember(&pending, signal) == 1);
}

TEST(StopSignal, ArrivesWithEachSignalThatAsksForTheEnd) {
  const auto hang_up = std::signal(SIGHUP, SIG_DFL);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    std::signal(SIGHUP, SIG_DFL);  // ignored after the one before
    const StopSignal stop;
    EXPECT_FALSE(stop.arrived());
    send(signal);
    while (!stop.arrived()) std::this_thread::yield();
  }
  std::signal(SIGHUP, hang_up);
}

/// A command that is stopped by the signal, then gets SIGHUP twice and still has to say how to continue.
[[noreturn]] void stop_and_hang_up_twice(int signal) {
  {
    const StopSignal stop;
    send(signal);
    while (!stop.arrived()) std::this_thread::yield();
    ::kill(::getpid(), SIGHUP);
  }
  ::kill(::getpid(), SIGHUP);
  ::_exit(kStopped);
}

TEST(StopSignal, IsNotFollowedByAnEndAtTheEndOfTheTerminal) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})
    EXPECT_EXIT(stop_and_hang_up_twice(signal), testing::ExitedWithCode(kStopped), "") << signal;
}

TEST(StopSignal, DoesNotArriveWithTheEndOfTheTerminalUnderNohup) {
  const auto before = std::signal(SIGHUP, SIG_IGN);
  {
    const StopSignal stop;
    send(SIGHUP);
    send(SIGHUP);  // taken: so the first one did not end the watch
    EXPECT_FALSE(stop.arrived());
    send(SIGTERM);
    while (!stop.arrived()) std::this_thread::yield();
  }
  std::signal(SIGHUP, before);
}

TEST(StopSignal, LeavesTheSignalsAsTheyWere) {
  sigset_t before, after;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  { const StopSignal stop; }
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})
    EXPECT_EQ(sigismember(&after, signal), sigismember(&before, signal));
}

TEST(StopSignal, LeavesTheEndOfAPipeAsItWas) {
  for (const auto before : {SIG_DFL, SIG_IGN}) {
    std::signal(SIGPIPE, before);
    { const StopSignal stop; }
    EXPECT_EQ(std::signal(SIGPIPE, SIG_DFL), before);
  }
}

}  // namespace
}  // namespace nx::app
