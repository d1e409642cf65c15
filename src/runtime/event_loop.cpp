#include "runtime/event_loop.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <deque>
#include <limits>
#include <mutex>
#include <pthread.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <sys/epoll.h>
#include <sys/eventfd.h>

namespace nx::runtime {
namespace {

static_assert(Ready::kRead == EPOLLIN && Ready::kWrite == EPOLLOUT && Ready::kError == EPOLLERR &&
              Ready::kHangUp == EPOLLHUP && Ready::kPeerClosed == EPOLLRDHUP);

constexpr std::chrono::milliseconds kTasksTime{2};  // bound of the tasks in one turn; at least one task is run
constexpr std::size_t kEventsPerFetch = 256;
// All ready descriptors are served before the turn continues, so that the last one does not wait for the work of
// several turns. The time is bounded, because descriptors may become ready again and again and would delay tasks and
// ticks.
constexpr std::chrono::milliseconds kEventsTime{2};

[[noreturn]] void raise(const char* call) {
  throw std::system_error(errno, std::generic_category(), call);
}

class Descriptor {
 public:
  Descriptor(int fd, const char* call) : fd_(fd) {
    if (fd < 0) raise(call);
  }
  ~Descriptor() { ::close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  operator int() const { return fd_; }

 private:
  int fd_;
};

struct Tick {
  std::chrono::milliseconds period;
  EventLoop::Task call;
  SteadyTime due;
};

}  // namespace

struct EventLoop::State {
  explicit State(std::string n) : name(std::move(n)) {}

  void control(int operation, int fd, IoHandler* handler, std::uint32_t interest);
  int timeout_ms() const;
  std::size_t fetch(int timeout_ms);
  bool serve_ready(int timeout_ms);
  bool dispatch(std::size_t fetched_count);
  enum class Tasks { some, all };
  bool run_tasks(Tasks how_many);
  bool take_tasks();
  bool run_ticks();
  void wake();
  void drain_wakeup();

  const std::string name;
  const Descriptor epoll{::epoll_create1(EPOLL_CLOEXEC), "epoll_create1"};
  const Descriptor wakeup{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd"};
  std::atomic<std::thread::id> home{};
  std::atomic<bool> stopping{false};

  std::mutex mutex;  // guards posted
  std::vector<Task> posted;

  // Home thread only from here on.
  std::vector<Task> running;
  std::size_t running_next = 0;  // the first task of `running` that has not been run yet
  bool posted_at_home = false;   // posted on the home thread: needs no wake-up, because the next wait does not sleep
  bool again = false;
  std::deque<Tick> ticks;  // a deque: a tick may add another while it runs
  std::deque<Task> turn_ends;
  SteadyTime now = std::chrono::steady_clock::now();
  std::array<epoll_event, kEventsPerFetch> fetched{};
  std::size_t fetched_next = 0, fetched_end = 0;  // events fetched from epoll but not delivered yet
};

void EventLoop::State::control(int operation, int fd, IoHandler* handler, std::uint32_t interest) {
  epoll_event event{};
  event.events = interest;
  event.data.ptr = handler;
  if (::epoll_ctl(epoll, operation, fd, &event) != 0) raise("epoll_ctl");
}

int EventLoop::State::timeout_ms() const {
  if (posted_at_home || again || running_next < running.size() || stopping.load(std::memory_order_acquire)) return 0;
  if (ticks.empty()) return -1;
  SteadyTime first = SteadyTime::max();
  for (const Tick& tick : ticks) first = std::min(first, tick.due);
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(first - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
}

std::size_t EventLoop::State::fetch(int timeout_ms) {
  const int count = ::epoll_wait(epoll, fetched.data(), static_cast<int>(fetched.size()), timeout_ms);
  if (count < 0 && errno != EINTR) raise("epoll_wait");
  return static_cast<std::size_t>(std::max(count, 0));
}

/// Waits until a descriptor is ready; the turn begins then.
bool EventLoop::State::serve_ready(int timeout_ms) {
  std::size_t count = fetch(timeout_ms);
  now = std::chrono::steady_clock::now();
  bool did = std::exchange(again, false);
  for (;;) {
    did |= dispatch(count);
    if (count < fetched.size() || std::chrono::steady_clock::now() >= now + kEventsTime) return did;
    count = fetch(0);
  }
}

bool EventLoop::State::dispatch(std::size_t fetched_count) {
  fetched_end = fetched_count;
  bool did = false;
  for (fetched_next = 0; fetched_next < fetched_end;) {
    const epoll_event event = fetched[fetched_next++];
    if (event.data.ptr == this) {
      drain_wakeup();
    } else if (event.data.ptr != nullptr) {
      static_cast<IoHandler*>(event.data.ptr)->on_ready(event.events);
      did = true;
    }
  }
  fetched_end = 0;
  return did;
}

bool EventLoop::State::take_tasks() {
  posted_at_home = false;
  running.clear();
  running_next = 0;
  const std::lock_guard lock(mutex);
  running.swap(posted);
  return !running.empty();
}

bool EventLoop::State::run_tasks(Tasks how_many) {
  const SteadyTime end = how_many == Tasks::all ? SteadyTime::max() : std::chrono::steady_clock::now() + kTasksTime;
  bool did = false;
  // First the tasks left by the previous turn, then those posted since. Tasks that these post are run in the next turn.
  const int rounds = running_next < running.size() ? 2 : 1;
  for (int round = 0; round < rounds; ++round) {
    if (running_next == running.size() && !take_tasks()) break;
    while (running_next < running.size()) {
      if (did && std::chrono::steady_clock::now() >= end) return true;
      // moved out, so that its captures are destroyed after it has run, and not with all of `running`
      const Task task = std::move(running[running_next++]);
      task();
      did = true;
    }
  }
  return did;
}

bool EventLoop::State::run_ticks() {
  bool did = false;
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    if (ticks[i].due > now) continue;
    ticks[i].due = now + ticks[i].period;
    ticks[i].call();
    did = true;
  }
  return did;
}

void EventLoop::State::wake() {
  const std::uint64_t one = 1;
  // EAGAIN means that the counter is at its maximum; a wake-up is pending in that case too.
  [[maybe_unused]] const ssize_t written = ::write(wakeup, &one, sizeof one);
}

void EventLoop::State::drain_wakeup() {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t taken = ::read(wakeup, &count, sizeof count);
}

EventLoop::EventLoop(std::string name) : state_(std::make_unique<State>(name.substr(0, 15))) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = state_.get();
  if (::epoll_ctl(state_->epoll, EPOLL_CTL_ADD, state_->wakeup, &event) != 0) raise("epoll_ctl");
}

EventLoop::~EventLoop() = default;

void EventLoop::run() {
  State& s = *state_;
  s.home.store(std::this_thread::get_id(), std::memory_order_release);
  ::pthread_setname_np(::pthread_self(), s.name.c_str());
  for (bool last = false; !last;) {
    last = s.stopping.load(
        // read before the tasks are taken, so that tasks posted before stop() are among them
        std::memory_order_acquire);
    bool did = s.serve_ready(last ? 0 : s.timeout_ms());
    did |= s.run_tasks(last ? State::Tasks::all : State::Tasks::some);
    did |= s.run_ticks();
    if (!did) continue;
    for (std::size_t i = 0; i < s.turn_ends.size(); ++i) s.turn_ends[i]();
  }
}

void EventLoop::stop() {
  state_->stopping.store(true, std::memory_order_release);
  state_->wake();
}

void EventLoop::post(Task task) {
  State& s = *state_;
  bool was_empty = false;
  {
    const std::lock_guard lock(s.mutex);
    was_empty = s.posted.empty();
    s.posted.push_back(std::move(task));
  }
  if (s.home.load(std::memory_order_acquire) == std::this_thread::get_id()) {
    s.posted_at_home = true;
  } else if (was_empty) {
    s.wake();
  }
}

void EventLoop::again() {
  state_->again = true;
}

bool EventLoop::is_home() const {
  const std::thread::id home = state_->home.load(std::memory_order_acquire);
  return home == std::thread::id{} || home == std::this_thread::get_id();
}

void EventLoop::watch(int fd, IoHandler& handler, std::uint32_t interest) {
  state_->control(EPOLL_CTL_ADD, fd, &handler, interest);
}

void EventLoop::rewatch(int fd, IoHandler& handler, std::uint32_t interest) {
  state_->control(EPOLL_CTL_MOD, fd, &handler, interest);
}

void EventLoop::unwatch(int fd, IoHandler& handler) {
  State& s = *state_;
  epoll_event ignored{};
  ::epoll_ctl(s.epoll, EPOLL_CTL_DEL, fd, &ignored);
  // Events of this handler that were already fetched in this turn are dropped. An event of another descriptor of the
  // same handler is reported again in the next turn, because readiness is level-triggered.
  for (std::size_t i = s.fetched_next; i < s.fetched_end; ++i) {
    if (s.fetched[i].data.ptr == &handler) s.fetched[i].data.ptr = nullptr;
  }
}

void EventLoop::every(std::chrono::milliseconds period, Task tick) {
  state_->ticks.push_back({period, std::move(tick), std::chrono::steady_clock::now() + period});
}

void EventLoop::at_turn_end(Task flush) {
  state_->turn_ends.push_back(std::move(flush));
}

SteadyTime EventLoop::now() const {
  return state_->now;
}

}  // namespace nx::runtime
