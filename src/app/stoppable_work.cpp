#include "app/stoppable_work.hpp"

namespace nx::app {
namespace {

constexpr std::chrono::milliseconds kLook{20};  // an upper bound for the wait until the watch ends

struct sigaction action_of(int signal) {
  struct sigaction now {};
  sigaction(signal, nullptr, &now);
  return now;
}

sigset_t current_mask() {
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  return mask;
}

}  // namespace

StopSignal::StopSignal()
    : mask_before_(current_mask()), pipe_before_(action_of(SIGPIPE)), watch_([this](const std::stop_token& over) {
        const bool keeps_on_at_hang_up = hang_up_is_ignored();
        while (!over.stop_requested()) {
          const auto request = termination_.wait_for(kLook);
          if (!request || (*request == Termination::Request::reload && keeps_on_at_hang_up)) continue;
          stop_.request_stop();
          if (*request == Termination::Request::reload) termination_.end_at_next();
          return;
        }
      }) {}

StopSignal::~StopSignal() {
  watch_.request_stop();
  watch_.join();
  if (arrived()) std::signal(SIGHUP, SIG_IGN);  // also discards one that is pending
  sigaction(SIGPIPE, &pipe_before_, nullptr);
  pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

StoppableWork::StoppableWork(std::string what, std::string unit, std::int64_t after)
    : after_(after), position_(after), progress_(std::move(what), std::move(unit), Progress::standard_error()) {}

store::LongWork StoppableWork::slices() {
  return {.after = after_, .on_slice = [this](const store::Slice& slice) {
            position_ = slice.position;
            progress_.show(slice);
            stopped_ = signal_.arrived();
            return !stopped_;
          }};
}

}  // namespace nx::app
