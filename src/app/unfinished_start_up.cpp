#include "app/unfinished_start_up.hpp"

#include <csignal>
#include <stop_token>
#include <unistd.h>

namespace nx::app {
namespace {

constexpr timespec kLook{.tv_sec = 0, .tv_nsec = 20'000'000};  // an upper bound for the wait until it ends
constexpr std::chrono::milliseconds kLastLines{500};

}  // namespace

UnfinishedStartUp::UnfinishedStartUp(const observe::Logger& log)
    : watch_([&log](const std::stop_token& over) {
        sigset_t set;
        sigemptyset(&set);
        for (const int signal : {SIGTERM, SIGINT}) sigaddset(&set, signal);
        while (!over.stop_requested()) {
          if (sigtimedwait(&set, nullptr, &kLook) < 0) continue;
          log.info("stopped during the start-up");
          log.flush(kLastLines);
          _exit(0);  // not exit(): other threads are still running
        }
      }) {}

}  // namespace nx::app
