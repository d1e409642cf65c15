#include "app/termination.hpp"

#include <csignal>
#include <thread>
#include <unistd.h>

namespace nx::app {
namespace {

constexpr std::chrono::milliseconds kLastLines{500};

sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  return set;
}

}  // namespace

Termination::Termination() {
  const sigset_t set = watched();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

Termination::Request Termination::wait() {
  const sigset_t set = watched();
  int signal = 0;
  while (sigwait(&set, &signal) != 0) {
  }
  return request_of(signal);
}

std::optional<Termination::Request> Termination::wait_for(std::chrono::milliseconds time) {
  const sigset_t set = watched();
  const timespec within{.tv_sec = time.count() / 1'000, .tv_nsec = time.count() % 1'000 * 1'000'000};
  const int signal = sigtimedwait(&set, nullptr, &within);
  if (signal < 0) return std::nullopt;
  return request_of(signal);
}

Termination::Request Termination::request_of(int signal) {
  if (signal == SIGHUP) return Request::reload;
  end_at_next();
  return Request::stop;
}

void Termination::end_at_next() {
  // Detached on purpose: it holds nothing and ends with the process.
  std::thread([] {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    int signal = 0;
    if (sigwait(&set, &signal) == 0) _exit(1);
  }).detach();
}

void Termination::end_within(std::chrono::milliseconds time, const observe::Logger* log) {
  std::thread([time, log] {  // detached, as above
    std::this_thread::sleep_for(time);
    if (log != nullptr) {
      log->error("not everything ended in time: ending without it", {{"ms", time.count()}});
      log->flush(kLastLines);
    }
    _exit(1);
  })
      .detach();
}

}  // namespace nx::app
