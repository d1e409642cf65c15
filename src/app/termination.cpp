#include "app/termination.hpp"

#include <csignal>
#include <thread>
#include <unistd.h>

namespace nx::app {
namespace {

constexpr std::chrono::milliseconds kLastLines{500};
constexpr std::chrono::milliseconds kLastLinesAtOnce{200};     // their reader may be gone
constexpr timespec kLook{.tv_sec = 0, .tv_nsec = 20'000'000};  // an upper bound for the wait until a watch ends

sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  return set;
}

}  // namespace

bool hang_up_is_ignored() {
  struct sigaction now {};
  return sigaction(SIGHUP, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

Termination::Termination(const observe::Logger* log) : log_(log) {
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
  insisted_ = std::jthread([log = log_](const std::stop_token& over) {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT}) sigaddset(&set, signal);
    while (!over.stop_requested()) {
      if (sigtimedwait(&set, nullptr, &kLook) < 0) continue;
      if (log != nullptr) {
        log->warn("stop requested a second time: ending at once");
        log->flush(kLastLinesAtOnce);
      }
      _exit(1);
    }
  });
}

void Termination::end_within(std::chrono::milliseconds time, const observe::Logger* log,
                             std::function<std::string_view()> waiting_for) {
  // Detached on purpose: it owns nothing and ends with the process.
  std::thread([time, log, waiting_for = std::move(waiting_for)] {
    std::this_thread::sleep_for(time);
    if (log != nullptr) {
      log->error("not everything ended in time: ending without it",
                 {{"waiting_for", waiting_for ? waiting_for() : ""}, {"ms", time.count()}});
      log->flush(kLastLines);
    }
    _exit(1);
  }).detach();
}

}  // namespace nx::app
