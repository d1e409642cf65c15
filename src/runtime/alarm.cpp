#include "runtime/alarm.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <sys/timerfd.h>

namespace nx::runtime {

Alarm::Alarm(EventLoop& loop, std::function<void()> ring)
    : loop_(loop), ring_(std::move(ring)), timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
  if (timer_ < 0) throw std::system_error(errno, std::generic_category(), "timerfd_create");
  try {
    loop_.watch(timer_, *this, Ready::kRead);
  } catch (...) {
    ::close(timer_);
    throw;
  }
}

Alarm::~Alarm() {
  loop_.unwatch(timer_, *this);
  ::close(timer_);
}

void Alarm::set(std::optional<SteadyTime> when) {
  if (when == when_) return;
  when_ = when;
  itimerspec timer{};  // zeros disarm the timer
  if (when) {
    const auto left =
        std::max<std::chrono::nanoseconds>(*when - std::chrono::steady_clock::now(), std::chrono::nanoseconds{1});
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    timer.it_value.tv_sec = seconds.count();
    timer.it_value.tv_nsec = (left - seconds).count();
  }
  ::timerfd_settime(timer_, 0, &timer, nullptr);
}

void Alarm::on_ready(std::uint32_t) {
  std::uint64_t rung = 0;
  // EAGAIN: the timer was set again after it had expired.
  if (::read(timer_, &rung, sizeof rung) != static_cast<ssize_t>(sizeof rung)) return;
  when_.reset();
  ring_();
}

}  // namespace nx::runtime
